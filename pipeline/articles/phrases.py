"""The short lines that news sites put into and around their texts, by what they say, in the languages we meet."""

import re

# Lines that only point at another article, and the headings of boxes that do. Matched at a line's beginning.
_POINTERS = (
    # English
    r"read (?:more|also|next|now|the full|our|on)|also read|see also|more (?:on|from|about)|related(?: (?:articles?|stor(?:y|ies)|news|posts?|content|coverage|topics?|links?|reading))?|"
    r"(?:you )?(?:may|might) also (?:like|be interested)|don'?t miss|must read|recommended(?: (?:for you|stories|articles|videos?|reading))?|"
    r"watch(?: (?:more|also|now|below))?|listen(?: now)?|click here|up next|trending(?: now)?|most (?:read|popular)|what to read next|explore more|continue reading|keep reading|editors?['’]? picks?",
    # Vietnamese
    r"xem (?:thêm|ngay|tiếp)|đọc (?:thêm|tiếp|nhiều)|(?:tin|bài) (?:liên quan|cùng chuyên mục|mới nhất|đọc nhiều|khác)|có thể bạn quan tâm|mời (?:bạn|quý) (?:đọc|độc giả|xem)|>>+ ?(?:xem|đọc)|liên quan|chủ đề liên quan|video (?:liên quan|đang)",
    # German
    r"lesen sie (?:auch|hier|mehr|dazu|jetzt|außerdem|weiter)|lesetipps?|auch (?:interessant|lesen|auf|lesenswert)|mehr (?:zum thema|dazu|lesen|zu|aus|nachrichten|von)|"
    r"weiterlesen|weitere (?:artikel|infos|informationen|themen|nachrichten|meldungen)|das könnte (?:sie|dich) (?:auch )?interessieren|passend dazu|zum thema|siehe auch|hier (?:lesen|finden|geht|klicken)|"
    r"empfohlene(?:r|s)? (?:externer|redaktioneller|artikel|beiträge)|empfehlungen|verwandte (?:artikel|themen|beiträge)|ähnliche (?:artikel|beiträge)|meistgelesen|jetzt lesen|zum weiterlesen",
    # Spanish, Portuguese
    r"le(?:a|e|er|er?á)s? (?:también|además|más|aquí|completo)|lea(?: m[aá]s)?|v[eé]a(?:se)?(?: también| además| más)|ver (?:también|además|más)|(?:te|le|les) (?:puede|podría|recomendamos|invitamos|sugerimos|interesa)(?: leer| interesar)?|"
    r"(?:noticias?|notas?|art[ií]culos?|temas?|contenidos?|m[aá]s) (?:relacionad[ao]s?|sobre|noticias|información|leídas?)|relacionad[ao]s?|también (?:lee|lea|puedes leer|te puede)|mira (?:también|además|lo que)|"
    r"leia (?:também|mais|ainda|aqui)|veja (?:também|mais|ainda)|saiba mais|conteúdos? relacionados?|matérias? relacionadas?|notícias relacionadas|confira",
    # French, Italian
    r"(?:à )?lire (?:aussi|également|plus|encore|la suite|notre)|voir aussi|lisez (?:aussi|également)|(?:articles?|sujets?|contenus?) (?:liés?|associés?|similaires?)|sur le même (?:sujet|thème)|pour aller plus loin|notre dossier|>> ?(?:lire|à lire)|à lire|"
    r"leggi (?:anche|tutto|di più|l['’]articolo)|ti potrebbe interessare|potrebbe interessarti|(?:articoli|notizie|contenuti) (?:correlati|consigliati)|approfondisci|vedi anche|guarda anche",
    # Dutch, Scandinavian, Finnish
    r"lees (?:ook|meer|verder)|(?:bekijk|kijk) (?:ook|hier)|meer over|les (?:også|mer|flere)|læs (?:også|mere)|läs (?:också|mer|även|vidare)|se (?:også|også|också|mer)|lue (?:myös|lisää)|katso myös|anbefalte artikler|relaterte|mest lest",
    # Slavic, Baltic, Hungarian, Romanian, Greek, Turkish
    r"czytaj (?:też|także|więcej|również|dalej)|(?:zobacz|przeczytaj|sprawdź|polecamy|obejrzyj) ?(?:też|także|również|więcej)?|powiązane|podobne artykuły|"
    r"čtěte (?:také|též|více)|přečtěte si|související|čítajte (?:aj|tiež)|prečítajte si|mohlo (?:by )?vás zaujímat|"
    r"чита(?:йте|й) (?:также|ещё|еще|по теме|також|далее|більше)|(?:по|материалы по) теме|смотрите также|см\. также|дивіться також|рекомендуем|прочетете (?:още|също)|pročitajte (?:još|i)|pročitaj(?:te)? (?:još|više)|"
    r"olvas(?:sa|d|on) (?:el|tovább|még)|kapcsolódó|ajánlott|cite(?:ș|s)te (?:și|mai)|vezi și|διαβάστε (?:επίσης|ακόμη|και|περισσότερα)|δείτε (?:επίσης|ακόμη)|ilgili haber(?:ler)?|ayrıca oku|bunlar da",
    # Indonesian, Japanese, Chinese, Korean, Arabic, Hindi
    r"baca (?:juga|selengkapnya|lainnya)|lihat juga|simak juga|artikel terkait|berita terkait|関連(?:記事|ニュース|リンク)|あわせて読みたい|もっと見る|【(?:関連|あわせて|写真|画像|動画)[^】]{0,20}】|相关(?:阅读|新闻|报道|文章)|延伸閱讀|延伸阅读|推薦閱讀|推荐阅读|관련 ?(?:기사|뉴스)|추천 ?(?:기사|뉴스)|اقرأ (?:أيضا|أيضًا|المزيد)|यह भी पढ़ें|ये भी पढ़ें",
)
_MARK = r"^[\s>»→▶►•·\-–—*+|\[(:\"'“”👉🔴📌➡️]*"
_POINTER = re.compile(rf"{_MARK}(?:{'|'.join(_POINTERS)})(?!\w)", re.IGNORECASE)
_POINTER_ONLY = re.compile(rf"{_MARK}(?:{'|'.join(_POINTERS)})(?!\w)[\s:：.…!?>»→\])*]*$", re.IGNORECASE)

# Lines around a text that speak of the site, not of the news. Matched against whole short lines.
_END_LINES = re.compile(
    r"^\W*(?:"
    r"(?:©|\(c\)|copyright\b).{0,200}|all rights reserved.{0,80}|"
    r"(?:sign|signing) up (?:for|to|here|now|today)\b.{0,250}|subscribe (?:to|now|today|here|for)\b.{0,250}|follow (?:us|@\w+|.{0,40} on (?:twitter|facebook|instagram|x|telegram|whatsapp|google news|linkedin))\b.{0,150}|"
    r"join our .{0,60}(?:channel|newsletter|group|community).{0,100}|get (?:the|our) .{0,60}newsletter.{0,150}|"
    r"(?:download|get) (?:the|our) .{0,40}app\b.{0,120}|share this(?: article| story| post)?:?|advertisement|article continues below.{0,60}|story continues below.{0,60}|"
    r"(?:this article|this story) (?:was )?(?:originally|first) (?:appeared|published) (?:on|in|at) .{0,120}|"
    r"abonnieren sie .{0,200}|anzeige|werbung|reklama|publicidad|publicité|pubblicità|publicidade|annonse|annons|advertentie|quảng cáo|"
    r"síguenos en .{0,150}|suscr[ií]bete .{0,200}|inscrivez-vous .{0,200}|abonnez-vous .{0,200}|iscriviti .{0,200}|"
    r"(?:article|story) content|(?:leave a|post a|add a) (?:comment|reply).{0,60}|(?:\d+ )?comments?|(?:\d+ )?kommentare?|(?:\d+ )?bình luận|ý kiến bạn đọc.{0,20}|"
    r"(?:\d+ )?(?:min(?:ute)?s?|phút) (?:read|đọc)|loading\.{0,3}|print(?: this)?(?: page| article)?|email this.{0,30}"
    r")\W*$",
    re.IGNORECASE,
)
_WORDS = re.compile(r"\w+")


def is_pointer(text: str) -> bool:
    """Tell whether a line begins as one that points at another article ("Read more: …", "Xem thêm: …")."""
    return _POINTER.match(text) is not None


def is_pointer_heading(text: str) -> bool:
    """Tell whether a line is only such a beginning: the heading of a box of links."""
    return len(text) < 60 and _POINTER_ONLY.match(text) is not None


def is_end_line(text: str) -> bool:
    """Tell whether a line speaks of the site (subscribe, follow, copyright, advertisement), not of the news."""
    return len(text) < 320 and _END_LINES.match(text) is not None


def fold(text: str) -> str:
    """Give a text's words in lower case, for comparing lines that differ in quotes and blanks only."""
    return " ".join(_WORDS.findall(text.casefold()))


_BYLINE = re.compile(
    r"^\W*(?:by|von|par|por|di|da|door|av|af|przez|autor(?:in|zy|e)?|author|text|texto|texte|tekst|foto|photo|bài(?: và ảnh)?|theo|"
    r"written by|posted by|published|veröffentlicht|aktualisiert|updated|publié|publicado|pubblicato|mis à jour|stand|"
    r"última actualización|actualizado|đăng lúc|cập nhật)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.!?…。！？؟।:;」』\"”»)’'*\]/]\W*$")


def is_byline(line: str) -> bool:
    """Tell whether a short line opens as a byline or a note on when the text was written."""
    return _BYLINE.match(line) is not None


def is_sentence(line: str) -> bool:
    """Tell whether a line ends as a sentence does."""
    return _SENTENCE.search(line) is not None

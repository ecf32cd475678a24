"""The short lines that news sites put into and around their texts, by what they say, in the languages we meet."""

import re

from pipeline.articles.wordlists import alternatives

# How a line begins that only points at another article, or heads a box of such lines.
_POINTERS = alternatives(
    r"""
    # English
    read (?:more|also|next|now|the full|our|on)|also read|see also|more (?:on|from|about)
    related(?: (?:articles?|stor(?:y|ies)|news|posts?|content|coverage|topics?|links?|reading))?
    (?:you )?(?:may|might) also (?:like|be interested)|don'?t miss|must read
    recommended(?: (?:for you|stories|articles|videos?|reading))?|watch(?: (?:more|also|now|below))?
    listen(?: now)?|click here|up next|trending(?: now)?|most (?:read|popular)|what to read next|explore more
    continue reading|keep reading|editors?['’]? picks?|more(?=:)|read(?=:)|recommended videos?|top stories|latest news
    # Vietnamese
    xem (?:thêm|ngay|tiếp)|đọc (?:thêm|tiếp|nhiều)
    (?:tin|bài) (?:liên quan|cùng chuyên mục|mới nhất|đọc nhiều|khác)|có thể bạn quan tâm
    mời (?:bạn|quý) (?:đọc|độc giả|xem)|>>+ ?(?:xem|đọc)|liên quan|chủ đề liên quan|video (?:liên quan|đang)
    # German
    lesen sie (?:auch|hier|mehr|dazu|jetzt|außerdem|weiter)|lesetipps?|auch (?:interessant|lesen|auf|lesenswert)
    mehr (?:zum thema|dazu|lesen|zu|aus|nachrichten|von)|weiterlesen
    weitere (?:artikel|infos|informationen|themen|nachrichten|meldungen)
    das könnte (?:sie|dich) (?:auch )?interessieren|passend dazu|zum thema|siehe auch
    hier (?:lesen|finden|geht|klicken)|empfohlene(?:r|s)? (?:externer|redaktioneller|artikel|beiträge)
    empfehlungen|verwandte (?:artikel|themen|beiträge)|ähnliche (?:artikel|beiträge)|meistgelesen|jetzt lesen
    zum weiterlesen|weiterführende(?:r|s)? links?|weitere[rs]? (?:beiträge|links?|news|top-?themen|tipps)
    mehr über|die redaktion empfiehlt|unsere empfehlungen|dazu passend|schlagwörter|schlagworte|themenseiten?
    # Spanish and Portuguese
    le(?:a|e|er|er?á)s? (?:también|además|más|aquí|completo)|lea(?: m[aá]s)?
    v[eé]a(?:se)?(?: también| además| más)|ver (?:también|además|más)
    (?:te|le|les) (?:puede|podría|recomendamos|invitamos|sugerimos|interesa)(?: leer| interesar)?
    (?:noticias?|notas?|art[ií]culos?|temas?|contenidos?) relacionad[ao]s?
    m[aá]s (?:relacionad[ao]s?|sobre|noticias|información|leídas?)|puedes? (?:ver|leer)|mire(?=:)|mira(?=:)|ver(?=:)
    relacionad[ao]s?|también (?:lee|lea|puedes leer|te puede)|mira (?:también|además|lo que)
    leia (?:também|mais|ainda|aqui)|veja (?:também|mais|ainda)|saiba mais|conteúdos? relacionados?
    matérias? relacionadas?|notícias relacionadas|confira
    # French and Italian
    (?:à )?lire (?:aussi|également|plus|encore|la suite|notre)|voir aussi|lisez (?:aussi|également)
    (?:articles?|sujets?|contenus?) (?:liés?|associés?|similaires?)|sur le même (?:sujet|thème)
    pour aller plus loin|notre dossier|>> ?(?:lire|à lire)|à lire|leggi (?:anche|tutto|di più|l['’]articolo)
    ti potrebbe interessare|potrebbe interessarti|(?:articoli|notizie|contenuti) (?:correlati|consigliati)
    approfondisci|vedi anche|guarda anche
    # Dutch, Scandinavian and Finnish
    lees (?:ook|meer|verder)|(?:bekijk|kijk) (?:ook|hier)|meer over|les (?:også|mer|flere)|læs (?:også|mere)
    läs (?:också|mer|även|vidare)|se (?:også|også|också|mer)|lue (?:myös|lisää)|katso myös|anbefalte artikler
    relaterte|mest lest
    # Slavic, Hungarian, Romanian, Greek and Turkish
    czytaj (?:też|także|więcej|również|dalej)
    (?:zobacz|przeczytaj|sprawdź|polecamy|obejrzyj) ?(?:też|także|również|więcej)?|powiązane|podobne artykuły
    čtěte (?:také|též|více)|přečtěte si|související|čítajte (?:aj|tiež)|prečítajte si|mohlo (?:by )?vás zaujímat
    чита(?:йте|й) (?:также|ещё|еще|по теме|також|далее|більше)|(?:по|материалы по) теме|смотрите также
    см\. также|дивіться також|рекомендуем|прочетете (?:още|също)|pročitajte (?:još|i)
    pročitaj(?:te)? (?:još|više)|olvas(?:sa|d|on) (?:el|tovább|még)|kapcsolódó|ajánlott|cite(?:ș|s)te (?:și|mai)
    vezi și|διαβάστε (?:επίσης|ακόμη|και|περισσότερα)|δείτε (?:επίσης|ακόμη)|ilgili haber(?:ler)?|ayrıca oku
    bunlar da
    # Indonesian, Japanese, Chinese, Korean, Arabic and Hindi
    baca (?:juga|selengkapnya|lainnya)|lihat juga|simak juga|artikel terkait|berita terkait
    関連(?:記事|ニュース|リンク)
    あわせて読みたい|もっと見る|おすすめ(?:情報|記事)|関連キーワード|この記事を書いた人|記事一覧
    【(?:関連|あわせて|写真|画像|動画)[^】]{0,20}】
    相关(?:阅读|新闻|报道|文章)|延伸閱讀|延伸阅读|推薦閱讀|推荐阅读
    관련 ?(?:기사|뉴스)
    추천 ?(?:기사|뉴스)|اقرأ (?:أيضا|أيضًا|المزيد)|यह भी पढ़ें|ये भी पढ़ें
    """
)
# Whole short lines that speak of the site, not of the news.
_END_LINES = alternatives(
    r"""
    (?:©|\(c\)|copyright\b).{0,400}|all rights reserved.{0,80}|impressum\b.{0,120}
    if you(?:['’]re| are) (?:seeing|reading|already) .{0,80}subscriber.{0,200}
    like (?:this|what you) .{0,30}\? (?:share|subscribe|sign up|follow|support).{0,120}
    (?:sign|signing) up (?:for|to|here|now|today)\b.{0,250}|subscribe (?:to|now|today|here|for)\b.{0,250}
    follow (?:us|@\w+|.{0,40} on (?:twitter|facebook|instagram|x|telegram|whatsapp|google news|linkedin))\b.{0,150}
    join our .{0,60}(?:channel|newsletter|group|community).{0,100}|get (?:the|our) .{0,60}newsletter.{0,150}
    (?:download|get) (?:the|our) .{0,40}app\b.{0,120}|share this(?: article| story| post)?:?|advertisement
    article continues below.{0,60}|story continues below.{0,60}
    (?:this article|this story) (?:was )?(?:originally|first) (?:appeared|published) (?:on|in|at) .{0,120}
    abonnieren sie .{0,200}|anzeige|werbung|reklama|publicidad|publicité|pubblicità|publicidade|annonse|annons
    advertentie|quảng cáo|síguenos en .{0,150}|suscr[ií]bete .{0,200}|inscrivez-vous .{0,200}
    abonnez-vous .{0,200}|iscriviti .{0,200}|(?:article|story) content
    (?:leave a|post a|add a) (?:comment|reply).{0,60}|(?:\d+ )?comments?|(?:\d+ )?kommentare?|(?:\d+ )?bình luận
    ý kiến bạn đọc.{0,20}|(?:\d+ )?(?:min(?:ute)?s?|phút) (?:read|đọc)|loading\.{0,3}
    print(?: this)?(?: page| article)?|email this.{0,30}
    alle rechte vorbehalten.{0,80}|todos los derechos reservados.{0,80}|todos os direitos reservados.{0,80}
    tous droits réservés.{0,80}|tutti i diritti riservati.{0,80}|wszelkie prawa zastrzeżone.{0,120}
    materiał chroniony prawem.{0,120}|bản quyền (?:thuộc|của).{0,120}|ghi rõ nguồn.{0,120}
    (?:this (?:article|story|material)|no part of).{0,40}(?:may not|copyright|property of|reproduced).{0,200}
    (?:to|for) (?:view|read|continue|access|see)\b.{0,60}(?:subscribe|sign in|log in|register).{0,200}
    for the latest .{0,60}(?:download|follow|subscribe|visit|sign).{0,150}|create an account or sign in.{0,80}
    (?:please )?(?:log|sign) in to .{0,80}|already a subscriber.{0,80}
    sie sind (?:aktuell |derzeit )?nicht eingeloggt.{0,120}
    um .{0,80}kommentieren.{0,120}|keine kommentare.{0,40}|(?:no|0) comments.{0,20}|schreiben sie einen kommentar.{0,60}
    (?:anzeige|\*?werbung|advertisement|sponsored|publicidad)\b.{0,60}
    この記事は(?:有料)?会員限定.{0,60}|無断(?:転載|複製).{0,40}
    [(（\[]?责任?编辑?[:：].{0,30}|[(（\[]?(?:编辑|責任編輯)[:：].{0,30}
    empfohlener (?:externer|redaktioneller) inhalt|an dieser stelle finden sie .{0,250}
    ich bin damit einverstanden, dass mir .{0,250}
    (?:this|the) (?:video|content|slideshow) (?:requires|could not|is not).{0,80}
    (?:if you buy|we independently|we may earn|buying through).{0,200}|bild (?:anzeigen|schließen|vergrößern)
    """
)
# The same, where the telling words stand within the line; `_TELLING` are looked for first, because that is fast.
_END_LINES_WITHIN = alternatives(
    r"""
    .{0,60}(?:únete|sigue|síguenos|mira|suscríbete).{0,60}(?:whatsapp|telegram|youtube|facebook|instagram).{0,80}
    .{0,60}(?:canal|chaîne|kanal|channel|group|grupo)\b.{0,30}(?:whatsapp|telegram|youtube).{0,80}
    .{0,60}(?:whatsapp|telegram|youtube)[- ]?(?:canal|chaîne|kanal|channel|group|grupo).{0,120}
    .{0,200}\b(?:sign up|subscribe|suscr[ií]b\w*|abonn\w+|melden sie sich|inscri\w+)\b.{0,60}newsletter.{0,120}
    .{0,60}affiliate[- ]links?.{0,150}|.{0,30}会員(?:になると|登録).{0,60}
    .{0,40}(?:무단 ?전재|재배포 ?금지).{0,40}|.{0,20}저작권자.{0,60}
    """
)
# Lines that caption a picture.
_CAPTIONS = alternatives(
    r"""
    (?:beitrags|titel|symbol|archiv|header)?(?:bild|foto|photo|fot|image|picture|ảnh|credit)s?(?:nachweis|credit)?
    (?:photo|image|picture) (?:credit|courtesy|by)s?|main image credit|bildquelle|crédit photo|写真|画像|사진
    """
)
_TELLING = (
    "whatsapp", "telegram", "youtube", "facebook", "instagram", "affiliate", "newsletter", "会員", "무단", "재배포",
    "저작권",
)  # fmt: skip
# How a byline or a note on when and by whom the text was made begins.
_BYLINES = alternatives(
    r"""
    by|von|par|por|di|da|door|av|af|przez|autor(?:in|zy|e)?|author|text|texto|texte|tekst|foto|photo
    bài(?: và ảnh)?|theo|written by|posted by|published|veröffentlicht|aktualisiert|updated|publié|publicado
    pubblicato|mis à jour|stand|última actualización|actualizado|đăng lúc|cập nhật
    """
)
# Matched against text in lower case: a pattern that ignores case takes three times as long.
_MARK = r"[\s>»→▶►•·\-–—*+|\[(:\"'“”👉🔴📌➡️]*"
_POINTER = re.compile(rf"{_MARK}(?:{_POINTERS})(?!\w)")
_POINTER_ONLY = re.compile(rf"{_MARK}(?:{_POINTERS})(?!\w)[\s:：.…!?>»→\])*]*$")
_END_LINE = re.compile(rf"\W*(?:{_END_LINES})\W*$")
_END_LINE_WITHIN = re.compile(rf"(?:{_END_LINES_WITHIN})$")
_CAPTION = re.compile(rf"\W*(?:{_CAPTIONS})\s?[:.©/=]\s?.{{0,140}}$")
_CREDITED = re.compile(r"\((?:foto|photo|fot|bild|image|ảnh|crédito?)s?\s?[:.]|(?:foto|photo|bild|ảnh)\s?:|©")
_BYLINE = re.compile(rf"\W*(?:{_BYLINES})\b")
# How to reach who sent a press release.
_CONTACT = re.compile(
    r"\W*(?:tel(?:efon|ephone|efax|éfono|éphone)?|(?:mobile )?phone|mobil|fax|(?:e-?)?mail|web|internet|website|"
    r"(?:presse|media|medien)?(?:kontakt|contact)|ansprechpartner(?:in)?)\.?\s?:"
)
_SENTENCE = re.compile(r"[.!?…。！？؟।:;」』\"”»)’'*\]/]\W*$")
_WORDS = re.compile(r"\w+")
_MAX_HEADING, _MAX_END_LINE = 60, 420
# How far from its end a line's last stop is looked for.
_ENDING = 12


def is_pointer(text: str) -> bool:
    """Tell whether a line begins as one that points at another article ("Read more: …", "Xem thêm: …")."""
    return _POINTER.match(text.lower()) is not None


def is_pointer_heading(text: str) -> bool:
    """Tell whether a line is only such a beginning: the heading of a box of links."""
    return len(text) < _MAX_HEADING and _POINTER_ONLY.match(text.lower()) is not None


def is_end_line(text: str) -> bool:
    """Tell whether a line speaks of the site (subscribe, follow, copyright, advertisement), not of the news."""
    if len(text) >= _MAX_END_LINE:
        return False
    text = text.lower()
    if _END_LINE.match(text):
        return True
    return any(word in text for word in _TELLING) and _END_LINE_WITHIN.match(text) is not None


def is_caption(text: str) -> bool:
    """Tell whether a line is a picture's credit ("Photo: …", "Ảnh: …")."""
    return len(text) < _MAX_END_LINE and _CAPTION.match(text.lower()) is not None


def names_photographer(text: str) -> bool:
    """Tell whether a text credits a picture somewhere, as captions do."""
    return _CREDITED.search(text.lower()) is not None


def is_byline(line: str) -> bool:
    """Tell whether a short line opens as a byline or a note on when the text was written."""
    return _BYLINE.match(line.lower()) is not None


def is_contact(line: str) -> bool:
    """Tell whether a short line says how to reach somebody ("Phone: …", "E-Mail: …")."""
    return _CONTACT.match(line.lower()) is not None


def is_sentence(line: str) -> bool:
    """Tell whether a line ends as a sentence does."""
    return _SENTENCE.search(line[-_ENDING:]) is not None


def fold(text: str) -> str:
    """Give a text's words in lower case, for comparing lines that differ in quotes and blanks only."""
    return " ".join(_WORDS.findall(text.casefold()))

"""Month names of the world's news languages, so that a written date is read without guessing its language."""

import re
import unicodedata
from functools import cache

# January|…|December, each with its forms: genitive, nominative, short; from the Unicode CLDR, and spellings in use
# beside it. Names of two words are joined, dots and leading articles are left out, as `fold_name` does.
_NAMES = {
    "af": "januarie jan|februarie feb|maart mrt|april apr|mei|junie jun|"
    "julie jul|augustus aug|september sep|oktober okt|november nov|desember des",
    "ar": "يناير كانونالثاني جانفي|فبراير شباط فيفري|مارس آذار اذار|"
    "أبريل نيسان أفريل ابريل إبريل|مايو أيار ايار ماي|يونيو حزيران يونيه جوان|"
    "يوليو تموز يوليه جويلية|أغسطس آب أوت اغسطس|سبتمبر أيلول ايلول شتنبر|"
    "أكتوبر تشرينالأول تشرينالاول اكتوبر|نوفمبر تشرينالثاني نونبر|ديسمبر كانونالأول كانونالاول دجنبر",
    "az": "yanvar yan|fevral fev|mart mar|aprel apr|may|iyun iyn|"
    "iyul iyl|avqust avq|sentyabr sen|oktyabr okt|noyabr noy|dekabr dek",
    "be": "студзеня сту студзень|лютага лют люты|сакавіка сак сакавік|красавіка кра красавік|"
    "мая май|чэрвеня чэр чэрвень|ліпеня ліп ліпень|жніўня жні жнівень|"
    "верасня вер верасень|кастрычніка кас кастрычнік|лістапада ліс лістапад|снежня сне снежань",
    "bg": "януари яну|февруари фев|март|април апр|май|юни|"
    "юли|август авг|септември сеп|октомври окт|ноември ное|декември дек",
    "bn": "জানুয়ারী জানু জানুয়ারি|ফেব্রুয়ারী ফেব ফেব্রুয়ারি|মার্চ|এপ্রিল এপ্রি|মে|জুন|"
    "জুলাই জুল|আগস্ট আগ আগষ্ট|সেপ্টেম্বর সেপ|অক্টোবর অক্টো|নভেম্বর নভে|ডিসেম্বর ডিসে",
    "bs": "januar jan|februar feb|mart mar|april apr|maj|juni jun|"
    "juli jul|august aug|septembar sep|oktobar okt|novembar nov|decembar dec",
    "ca": "gener gen|febrer febr|març|abril abr|maig|juny|"
    "juliol jul|agost ag|setembre set|octubre oct|novembre nov|desembre des",
    "cs": "ledna led leden|února úno únor|března bře březen|dubna dub duben|"
    "května kvě květen|června čvn červen|července čvc červenec|srpna srp srpen|"
    "září zář|října říj říjen|listopadu lis listopad|prosince pro prosinec",
    "cy": "ionawr ion|chwefror chwef chw|mawrth maw|ebrill ebr|mai|mehefin meh|"
    "gorffennaf gorff gor|awst|medi|hydref hyd|tachwedd tach|rhagfyr rhag",
    "da": "januar jan|februar feb|marts mar|april apr|maj|juni jun|"
    "juli jul|august aug|september sep|oktober okt|november nov|december dec",
    "de": "januar jan jänner jaenner|februar feb feber|märz mär maerz mrz|april apr|mai|juni jun|"
    "juli jul|august aug|september sept sep|oktober okt|november nov|dezember dez",
    "el": "ιανουαρίου ιαν ιανουάριος ιανουάριος|φεβρουαρίου φεβ φεβρουάριος φεβρουάριος|"
    "μαρτίου μαρ μάρτιος μάρ|απριλίου απρ απρίλιος|"
    "μαΐου μαΐ μάιος μάι μαϊ μαϊου|ιουνίου ιουν ιούνιος ιούν|"
    "ιουλίου ιουλ ιούλιος ιούλ|αυγούστου αυγ αύγουστος αύγ|"
    "σεπτεμβρίου σεπ σεπτέμβριος|οκτωβρίου οκτ οκτώβριος|"
    "νοεμβρίου νοε νοέμβριος νοέ|δεκεμβρίου δεκ δεκέμβριος",
    "en": "january jan|february feb|march mar|april apr|may|june jun|"
    "july jul|august aug|september sep sept|october oct|november nov|december dec",
    "es": "enero ene|febrero feb|marzo mar|abril abr|mayo may|junio jun|"
    "julio jul|agosto ago|septiembre sept set setiembre sep|octubre oct|noviembre nov|diciembre dic",
    "et": "jaanuar jaan|veebruar veebr|märts|aprill apr|mai|juuni|"
    "juuli|august aug|september sept|oktoober okt|november nov|detsember dets",
    "eu": "urtarrila urt|otsaila ots|martxoa mar|apirila api|maiatza mai|ekaina eka|"
    "uztaila uzt|abuztua abu|iraila ira|urria urr|azaroa aza|abendua abe",
    "fa": "ژانویهٔ ژانویه|فوریهٔ فوریه|مارس|آوریل|مهٔ مه می|ژوئن|"
    "ژوئیهٔ ژوئیه جولای|اوت آگوست اگست|سپتامبر سپتمبر|اکتبر اکتوبر|نوامبر|دسامبر",
    "fi": "tammikuuta tammi tammikuu|helmikuuta helmi helmikuu|maaliskuuta maalis maaliskuu|"
    "huhtikuuta huhti huhtikuu|toukokuuta touko toukokuu|kesäkuuta kesä kesäkuu|"
    "heinäkuuta heinä heinäkuu|elokuuta elo elokuu|syyskuuta syys syyskuu|"
    "lokakuuta loka lokakuu|marraskuuta marras marraskuu|joulukuuta joulu joulukuu",
    "fr": "janvier janv jan|février févr fev fév|mars|avril avr av|mai|juin|"
    "juillet juil juill|août aout|septembre sept sep|octobre oct|novembre nov|décembre déc dec",
    "ga": "eanáir ean|feabhra feabh|márta|aibreán aib|bealtaine beal|meitheamh meith|"
    "iúil|lúnasa lún|meánfómhair mfómh|deireadhfómhair dfómh|samhain samh|nollaig noll",
    "gl": "xaneiro xan|febreiro feb|marzo mar|abril abr|maio|xuño|"
    "xullo xul|agosto ago|setembro set|outubro out|novembro nov|decembro dec",
    "he": "ינואר ינו|פברואר פבר|מרץ מארס|אפריל אפר|מאי|יוני|"
    "יולי|אוגוסט אוג|ספטמבר ספט|אוקטובר אוק|נובמבר נוב|דצמבר דצמ",
    "hi": "जनवरी जन|फ़रवरी फ़र फरवरी|मार्च|अप्रैल|मई|जून|"
    "जुलाई जुल|अगस्त अग|सितंबर सित सितम्बर|अक्टूबर अक्टू अक्तूबर|नवंबर नव नवम्बर|दिसंबर दिस दिसम्बर",
    "hr": "siječnja sij siječanj|veljače velj veljača|ožujka ožu ožujak|travnja tra travanj|"
    "svibnja svi svibanj|lipnja lip lipanj|srpnja srp srpanj|kolovoza kol kolovoz|"
    "rujna ruj rujan|listopada lis listopad|studenoga stu studeni|prosinca pro prosinac",
    "hu": "január jan|február febr feb|március márc mar|április ápr|május máj|június jún|"
    "július júl|augusztus aug|szeptember szept szep|október okt|november nov|december dec",
    "hy": "հունվարի հնվ հունվար|փետրվարի փտվ փետրվար|մարտի մրտ մարտ|ապրիլի ապր ապրիլ|"
    "մայիսի մյս մայիս|հունիսի հնս հունիս|հուլիսի հլս հուլիս|օգոստոսի օգս օգոստոս|"
    "սեպտեմբերի սեպ սեպտեմբեր|հոկտեմբերի հոկ հոկտեմբեր|նոյեմբերի նոյ նոյեմբեր|դեկտեմբերի դեկ դեկտեմբեր",
    "id": "januari jan|februari feb pebruari|maret mar|april apr|mei|juni jun|"
    "juli jul|agustus agu agt agust|september sep|oktober okt|november nov nop nopember|desember des",
    "is": "janúar jan|febrúar feb|mars mar|apríl apr|maí|júní jún|"
    "júlí júl|ágúst ágú|september sep|október okt|nóvember nóv|desember des",
    "it": "gennaio gen|febbraio feb|marzo mar|aprile apr|maggio mag|giugno giu|"
    "luglio lug|agosto ago|settembre set sett sep|ottobre ott|novembre nov|dicembre dic",
    "ka": "იანვარი იან|თებერვალი თებ|მარტი მარ|აპრილი აპრ|მაისი მაი|ივნისი ივნ|"
    "ივლისი ივლ|აგვისტო აგვ|სექტემბერი სექ|ოქტომბერი ოქტ|ნოემბერი ნოე|დეკემბერი დეკ",
    "kk": "қаңтар қаң|ақпан ақп|наурыз нау|сәуір сәу|мамыр мам|маусым мау|"
    "шілде шіл|тамыз там|қыркүйек қыр|қазан қаз|қараша қар|желтоқсан жел",
    "lt": "sausio saus sausis|vasario vas vasaris|kovo kov kovas|balandžio bal balandis|"
    "gegužės geg gegužė|birželio birž birželis|liepos liep liepa|rugpjūčio rugp rugpjūtis|"
    "rugsėjo rugs rugsėjis|spalio spal spalis|lapkričio lapkr lapkritis|gruodžio gruod gruodis",
    "lv": "janvāris janv|februāris febr|marts|aprīlis apr|maijs|jūnijs jūn|"
    "jūlijs jūl|augusts aug|septembris sept|oktobris okt|novembris nov|decembris dec",
    "mk": "јануари јан|февруари фев|март мар|април апр|мај|јуни јун|"
    "јули јул|август авг|септември сеп|октомври окт|ноември ное|декември дек",
    "mr": "जानेवारी जाने|फेब्रुवारी फेब्रु|मार्च|एप्रिल एप्रि|मे|जून|जुलै|ऑगस्ट ऑग|सप्टेंबर सप्टें|ऑक्टोबर ऑक्टो|नोव्हेंबर नोव्हें|डिसेंबर डिसें",
    "ms": "januari jan|februari feb|mac|april apr|mei|jun|"
    "julai jul|ogos ogo ogs|september sep|oktober okt|november nov|disember dis",
    "nl": "januari jan|februari feb|maart mrt mar|april apr|mei may|juni jun|"
    "juli jul|augustus aug|september sep|oktober okt|november nov|december dec",
    "no": "januar jan|februar feb|mars mar|april apr|mai|juni jun|"
    "juli jul|august aug|september sep|oktober okt|november nov|desember des",
    "pl": "stycznia sty styczeń|lutego lut luty|marca mar marzec|kwietnia kwi kwiecień|"
    "maja maj|czerwca cze czerwiec|lipca lip lipiec|sierpnia sie sierpień|"
    "września wrz wrzesień|października paź październik pazdz|listopada lis listopad|grudnia gru grudzień",
    "pt": "janeiro jan|fevereiro fev|março mar|abril abr|maio mai|junho jun|"
    "julho jul|agosto ago|setembro set|outubro out|novembro nov|dezembro dez",
    "ro": "ianuarie ian|februarie feb|martie mar|aprilie apr|mai|iunie iun|"
    "iulie iul|august aug|septembrie sept sep|octombrie oct|noiembrie nov noi|decembrie dec",
    "ru": "января янв январь|февраля февр февраль|марта мар март|апреля апр апрель|"
    "мая май|июня июн июнь|июля июл июль|августа авг август|"
    "сентября сент сентябрь сен|октября окт октябрь|ноября нояб ноябрь ноя|декабря дек декабрь",
    "sk": "januára jan január|februára feb február|marca mar marec|apríla apr apríl|"
    "mája máj|júna jún|júla júl|augusta aug august|"
    "septembra sep september|októbra okt október|novembra nov november|decembra dec december",
    "sl": "januar jan|februar feb|marec mar|april apr|maj|junij jun|"
    "julij jul|avgust avg|september sep|oktober okt|november nov|december dec",
    "sq": "janar jan|shkurt shk|mars mar|prill pri|maj|qershor qer|"
    "korrik korr|gusht gush|shtator sht|tetor tet|nëntor nën|dhjetor dhj",
    "sr": "јануар јан januar|фебруар феб februar|март мар mart|април апр april|"
    "мај maj|јун jun|јул jul|август авг avgust|"
    "септембар сеп septembar|октобар окт oktobar|новембар нов novembar|децембар дец decembar",
    "sv": "januari jan|februari feb|mars|april apr|maj|juni|"
    "juli|augusti aug|september sep|oktober okt|november nov|december dec",
    "sw": "januari jan|februari feb|machi mac|aprili apr|mei|juni jun|"
    "julai jul|agosti ago|septemba sep|oktoba okt|novemba nov|desemba des",
    "ta": "ஜனவரி ஜன|பிப்ரவரி பிப்|மார்ச் மார்|ஏப்ரல் ஏப்|மே|ஜூன்|ஜூலை|ஆகஸ்ட் ஆக|செப்டம்பர் செப்|அக்டோபர் அக்|நவம்பர் நவ|டிசம்பர் டிச",
    "te": "జనవరి జన|ఫిబ్రవరి ఫిబ్ర|మార్చి|ఏప్రిల్ ఏప్రి|మే|జూన్|జులై|ఆగస్టు ఆగ|సెప్టెంబర్ సెప్టెం|అక్టోబర్ అక్టో|నవంబర్ నవం|డిసెంబర్ డిసెం",
    "th": "มกราคม มค|กุมภาพันธ์ กพ|มีนาคม มีค|เมษายน เมย|พฤษภาคม พค|มิถุนายน มิย|"
    "กรกฎาคม กค|สิงหาคม สค|กันยายน กย|ตุลาคม ตค|พฤศจิกายน พย|ธันวาคม ธค",
    "tl": "enero ene|pebrero peb|marso mar|abril abr|mayo may|hunyo hun|"
    "hulyo hul|agosto ago|setyembre set|oktubre okt|nobyembre nob|disyembre dis",
    "tr": "ocak oca|şubat şub|mart mar|nisan nis|mayıs may|haziran haz|"
    "temmuz tem|ağustos ağu|eylül eyl|ekim eki|kasım kas|aralık ara",
    "uk": "січня січ січень|лютого лют лютий|березня бер березень|квітня квіт квітень|"
    "травня трав травень|червня черв червень|липня лип липень|серпня серп серпень|"
    "вересня вер вересень|жовтня жовт жовтень|листопада лист листопад|грудня груд грудень",
    "ur": "جنوری|فروری|مارچ|اپریل|مئی|جون|جولائی|اگست|ستمبر|اکتوبر|نومبر|دسمبر",
    "uz": "yanvar yan|fevral fev|mart mar|aprel apr|may|iyun iyn|"
    "iyul iyl|avgust avg|sentabr sen|oktabr okt|noyabr noy|dekabr dek",
}
# Letters that have no decomposition but that people type with and without their mark.
_LETTERS = str.maketrans({"ı": "i", "đ": "d", "ð": "d", "ł": "l", "ø": "o", "ς": "σ", "ـ": None, "\u200c": None})
# Names of two words (Levantine months) and names with inner dots (Thai short months) are closed up before tokens.
_TWO_WORDS = re.compile(r"(كانون|تشرين)\s+(?=ال)")
_THAI_DOTS = re.compile(r"([\u0e00-\u0e7f]{1,3})\.\s?([\u0e00-\u0e7f])\.?")


def fold(text: str) -> str:
    """Fold case, width, digits of any script and diacritics; `ngày 3 tháng 2` becomes `ngay 3 thang 2`."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_LETTERS)
    kept = "".join(str(unicodedata.decimal(c)) if c.isdecimal() and not c.isascii() else c for c in kept)
    kept = unicodedata.normalize("NFC", kept)  # Hangul syllables come together again
    return _THAI_DOTS.sub(r"\1\2", _TWO_WORDS.sub(r"\1", kept))


@cache
def _table() -> dict[str, dict[int, frozenset[str]]]:
    """Map every folded name to its months, each with the languages that mean it so."""
    table: dict[str, dict[int, frozenset[str]]] = {}
    for language, names in _NAMES.items():
        for month, forms in enumerate(names.split("|"), start=1):
            for form in forms.split():
                months = table.setdefault(fold(form), {})
                months[month] = months.get(month, frozenset()) | {language}
    return table


def months_named(word: str, language: str | None) -> tuple[int, ...]:
    """Give the months (1–12) that a folded word may name, in the text's language first; () when it names none.

    `listopad` is October in Croatian and November in Czech and Polish. A short form of three letters or fewer counts
    only in the text's own language and in English, or when the language is unknown: `set` and `pro` are words too.
    """
    months = _table().get(word)
    if months is None:
        return ()
    primary = primary_language(language)
    if primary in _NAMES:
        own = tuple(month for month, languages in months.items() if primary in languages)
        if own:
            return own
        if len(word) <= 3:
            return tuple(month for month, languages in months.items() if "en" in languages)
    return tuple(months)


def primary_language(language: str | None) -> str | None:
    """Give the primary subtag of a BCP 47 tag in lower case; Norwegian's two written forms count as one."""
    if not language:
        return None
    primary = language.replace("_", "-").split("-")[0].lower()
    return {"nb": "no", "nn": "no", "fil": "tl", "iw": "he", "in": "id"}.get(primary, primary)

"""One credit line ("By Ann Lee and Bob Ray, Staff Writers", "Theo Hà Thu/TTXVN") read into people and agencies."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from config.agencies import Agency, agencies, agency_names
from pipeline.text import one_line

_MAX_CHARS = 400
_MAX_PEOPLE = 12

# Words before a name that say "written by"; several may follow each other ("Ein Kommentar von").
_OPENING = re.compile(
    r"^[\s>–—\-|:•·/(\[]*(?:"
    r"(?:(?:blog beitrag|story|words|text|article|report|reporting|reported|written|posted|published|authored|opinion|analysis|photos?|"
    r"contributed|compiled|edited|review|reviewed|interview|commentary|submitted|created|guest post)\s+)?by\b:?|authors?\b\s*:|(?:post )?author\b:?|"
    r"(?:(?:ein|eine)\s+[\w-]+\s+)?(?:(?:artikel|text|beitrag|kommentar|interview|autor(?:in)?|geschrieben|verfasst|veröffentlicht|erstellt|gastbeitrag|essay|kolumne|analyse|gespeichert|protokoll|aufgezeichnet|blog beitrag|ein|foto|fotos)\s*:?\s+)?(?:von|vom)\b:?|autor(?:in|en|innen)?\s*:|alles von|text(?: und \w+| & \w+)?\s*:|artikel von:?|verfasser\s*:|"
    r"(?:écrit |publié |rédigé |propos recueillis |un article |texte )?par\b:?|auteurs?\s*:|"
    r"(?:escrito |publicado |texto |entrevista |redactado )?por\b:?|autora?\s*:|escribe\b:?|texto\s*:|"
    r"(?:scritto |articolo |a cura |testo )?d[ia]\b:?|autore\s*:|"
    r"door\b:?|av\b:?|af\b:?|tekst\s*:|tekst\b|autor\s*:|napisał[a]?\s*:?|автор(?:ы)?\s*:?|текст\s*:|"
    r"oleh\b:?|penulis\s*:?|reporter\s*:|theo\b:?|tác giả\s*:?|thực hiện\s*:?|bài và ảnh\s*:?|bài, ảnh\s*:?|bài\s*:|tin\s*:|tin, ảnh\s*:|tổng hợp\s*:|biên tập\s*:|"
    r"(?:pv|phóng viên|ctv|btv)\b:?"
    r")\s*",
    re.IGNORECASE,
)
_PARENTHESES = re.compile(r"[(\[（][^()\[\]（）]{0,80}[)\]）]?")
_MAIL = re.compile(r"\S*@\S*|https?://\S+|www\.\S+|\bTwitter\b|\bFacebook\b|\bLinkedIn\b|\bInstagram\b", re.IGNORECASE)
# From here on a line speaks of something else: a date, a clock, a bar, "updated", a role after its comma.
_END = re.compile(
    r"\s*(?:[|•·—]|\s[–-]\s(?=\d)|\d{1,4}[./:-]\d|\b\d{4}\b|\b\d{1,2}\.?\s+\w|\bam\s+\d|\ble\s+\d|\bum\s+\d|\bon\s+\w+ \d|"
    r"\b(?:published|updated|posted|veröffentlicht|aktualisiert|publié|publicado|mis à jour|actualizado|aktualizacja|stand|lesezeit|cập nhật|erstellt|vom|today|yesterday|(?:mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun)[.,]|alle (?:artikel|beiträge)|zur autorenseite|mehr|more|follow|shares?|vor|heute|gestern|für|from|aus|for|in|bei|at|skrifar)(?!\w)).*$",
    re.IGNORECASE | re.DOTALL,
)
_SPLIT = re.compile(
    r"\s*[,;/&|+·•\n]\s*|\s+(?:and|und|et|y|e|en|og|och|i|a|ja|va|và|dan|with|mit|avec|con|và cộng sự)\s+|\s+[–—-]\s+|、|，|・"
)
_ROLE = re.compile(
    r"(?:(?:senior|chief|managing|deputy|associate|assistant|staff|contributing|guest|freelance|leitende[rn]?|freie[rn]?|verantwortliche[rn]?)\s+)?\b(?:editor|editors|reporter|reporters|writer|writers|correspondent|"
    r"columnist|journalist|author|contributor|producer|staff|redakteur(?:in)?|redaktor(?:in)?|redaktionsleiter(?:in)?|chefredakteur(?:in)?|korrespondent(?:in)?|"
    r"reporterin|journalistin|autor(?:in)?|volont[äa]r(?:in)?|mitarbeiter(?:in)?|rédacteur|rédactrice|journaliste|correspondant[e]?|periodista|"
    r"redactor[a]?|corresponsal|giornalista|redattore|redattrice|repórter|jornalista|dziennikarz|dziennikarka|phóng viên|biên tập viên|nhà báo|"
    r"bureau chief|desk|team|redaktion|redacción|rédaction|redazione|redação|newsroom|nachrichtenagentur|agentur(?:en)?|agencies|agencias|agences)\b",
    re.IGNORECASE,
)
# How newsrooms sign as a whole: kept as they write it.
_DESK = re.compile(
    r"^(?:redaktion|redacción|rédaction|redazione|redação|nhóm|team)\b|\bstaff reports?(?:er)?$|[\s-](?:team|webteam)$",
    re.IGNORECASE,
)
_INITIAL = re.compile(r"\s[^\W\d_]\.$")
_ACCOUNT = re.compile(r"[a-zà-ỹ0-9]+(?:[._-][a-zà-ỹ0-9]+)*")
_LETTER = re.compile(r"[^\W\d_]")
_NOT_A_NAME = re.compile(r"[\d?!:\"“”„«»=<>{}_%€$#]|://|\.(?:com|de|net|org|vn|at|ch|info)\b", re.IGNORECASE)
_PARTICLES = frozenset(
    "von van de del della di da do dos das du le la el al bin ibn ben zu zur vom ter ten af av y e i und mc st op 't d' l' "
    "'t den' ul ur abu".split()
)
# No name begins with these, however they are written.
_ARTICLES = frozenset(
    {
        "a",
        "an",
        "das",
        "der",
        "die",
        "ein",
        "eine",
        "eines",
        "more",
        "mehr",
        "más",
        "the",
        "un",
        "una",
        "une",
        "zu",
        "zum",
        "zur",
        "our",
        "unser",
        "unsere",
        "alle",
        "all",
        "foto",
        "fotos",
        "ảnh",
        "nguồn",
    }
)
_STOP = frozenset(
    {
        "admin", "administrator", "anonymous", "anonym", "author", "autor", "editor", "editorial", "gast", "guest",
        "home", "more", "mehr", "news", "n/a", "none", "null", "online", "staff", "team", "unknown",
        "user", "zeige", "top", "impressum", "auteur", "autoren", "autorin", "authors", "webmaster", "website", "undefined", "tổng hợp", "ban biên tập", "tòa soạn", "theo", "nguồn",
        "red", "agenturen", "agencies", "advertisement",
        "kommentar", "kommentare", "comments", "no author", "none", "text", "foto", "fotos", "photo", "phd", "anzeige", "werbung", "quảng cáo", "informationen", "información", "kontakt", "follow", "share", "twitter", "facebook", "published", "updated",
        "wordpress", "super user", "presse", "pressestelle", "über", "about", "autorin", "profil", "profile", "bio",
    }
)  # fmt: skip
_COMPILED = re.compile(
    r"\s*(?:\b(?:tổng hợp|biên dịch|lược dịch|dịch|lược ghi|ghi|thực hiện)|\(t/?h\)|\bt/h)\s*$", re.IGNORECASE
)
# Degrees after a name; titles before it ("Dr.") stay, as bylines print them.
_DEGREE = re.compile(
    r",?\s*\b(?:PhD|Ph\.\s?D\.?|M\.?D\.?|MSc|M\.Sc\.|BSc|B\.A\.|M\.A\.|MBA|LL\.?M\.?|RN|RD|Esq\.?)(?!\w)"
)
# "Reporter" in scripts that put it after the name without a joint.
_SUFFIX = re.compile(r"\s*(?:기자|특파원|記者|记者|통신원|논설위원)(?:\s.*)?$")


@dataclass(frozen=True, slots=True)
class Credit:
    """What one line credits, in its order."""

    people: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()


@lru_cache(maxsize=2_048)
def read_credit(text: str, is_stated: bool = False) -> Credit:
    """Read a credit line; `is_stated` = it comes from a field for authors, where single words may be names."""
    line = _glued().sub(r" \g<0>", one_line(text[:_MAX_CHARS]) or "")
    found_agencies = agencies_in(line)
    line = _DEGREE.sub("", _without_opening(line))
    line = _MAIL.sub(" ", _PARENTHESES.sub(" , ", _signatures().sub(" , ", line)))
    line = _COMPILED.sub("", _END.sub("", line))
    people: list[str] = []
    for part in _SPLIT.split(line):
        # "…, Staff Writer" after a name is its owner's role.
        name = "" if people and _ROLE.search(part) and not (is_stated and _DESK.search(part)) else clean_name(part)
        if name and is_person(name, is_stated or bool(people)) and name not in people:
            people.append(name)
    # After full names a single last word is the place where they wrote.
    if not is_stated and len(people) > 1 and len(people[0].split()) > 1 and len(people[-1].split()) == 1:
        people.pop()
    return Credit(tuple(people[:_MAX_PEOPLE]), found_agencies)


def _without_opening(line: str) -> str:
    """Take the words off that say "written by", as often as they come."""
    for _ in range(3):
        shorter = _OPENING.sub("", line, count=1)
        if shorter == line:
            return line
        line = shorter
    return line


def clean_name(text: str) -> str:
    """Give a name without role words, titles and stray punctuation around it."""
    text = one_line(_SUFFIX.sub("", text)) or ""
    words = text.split()
    if len(words) > 1 and not _DESK.search(text):
        without_role = (one_line(_ROLE.sub(" ", text)) or "").strip(" ,:;-–")
        # "Gear Team" is how a desk signs: what is left of it alone would be no name.
        text = without_role if len(without_role.split()) != 1 or len(words) > 2 else text
    text = text.strip(" ,:;|/–—-*•·'\"")
    return text if _INITIAL.search(text) else text.strip(" .")


def is_person(name: str, is_stated: bool = False) -> bool:
    """Tell whether a text has the form of a person's name: 1 to 6 words, capitals, no digits, nobody's brand.

    A single word counts when it `is_stated` as an author.
    """
    words = name.split()
    if not words or len(words) > 6 or len(name) > 60 or len(name) < 2 or _NOT_A_NAME.search(name):
        return False
    if name.casefold() in _STOP or _is_agency(name):
        return False
    if len(words) > 1 and words[0].casefold() in _ARTICLES:
        return False
    # "Leiterin der Abteilung" is a post; "van der Berg" a name.
    if any(
        word in {"der", "den", "des"} and words[max(0, at - 1)] not in {"von", "van", "auf"}
        for at, word in enumerate(words)
    ):
        return False
    own = [word for word in words if word.casefold() not in _PARTICLES and _LETTER.search(word)]
    if not own or (len(words) == 1 and not is_stated):
        return False
    # Scripts without capitals pass; in the others every word of a name but its particles has one.
    return all(_has_capital(word) for word in own) or (is_stated and len(words) == 1)


def _has_capital(word: str) -> bool:
    first = next((char for char in word if _LETTER.match(char)), "")
    return first.isupper() or not (first.islower() or first.isupper())


def _is_agency(name: str) -> bool:
    agency = agency_names().get(name.casefold())
    return agency is not None and (not agency.is_paper or name not in {"Giao thông", "Văn hóa"})


def is_weak(name: str) -> bool:
    """Tell whether a stated name is rather an account or a desk ("ann.lee", "MM-Redaktion") than a person's."""
    return bool(_ROLE.search(name) or _ACCOUNT.fullmatch(name))


@cache
def _glued() -> re.Pattern[str]:
    """An agency's signature that lost the blank or bracket before it at a line's end ("Hà ThuTTXVN")."""
    names = {name for agency in agencies() if not agency.is_paper for name in (agency.name, *agency.aliases)}
    capitals = sorted(name for name in names if name.isupper() and len(name) > 2)
    return re.compile(rf"(?<=[^\W\d_A-Z])(?:{'|'.join(map(re.escape, capitals))})$")


@cache
def _signatures() -> re.Pattern[str]:
    """One pattern for every name and alias of an agency that is no paper."""
    names = sorted(
        {name for agency in agencies() if not agency.is_paper for name in (agency.name, *agency.aliases)},
        key=len,
        reverse=True,
    )
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")


def agencies_in(text: str, papers: bool = False) -> tuple[str, ...]:
    """Give the canonical names of the agencies that a credit line names, in order; of `papers` too when asked."""
    found: list[str] = [agency_names()[match.group(0).casefold()].name for match in _signatures().finditer(text)]
    if papers and not found:
        for part in re.split(r"[,;/&|]|\s+[–-]\s+|[()]", text):
            agency = agency_names().get((one_line(part) or "").casefold())
            if agency:
                found.append(agency.name)
    return tuple(dict.fromkeys(found))


def known_agency(name: str) -> Agency | None:
    """Give the agency or paper of exactly this name, None when it is unknown."""
    return agency_names().get((one_line(name) or "").casefold())


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Give names once each, compared without case, in order."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.casefold(), name)
    return tuple(found.values())

"""Stretches of a text that look like the names of persons, by titles, cues, links and capitals; see `people`.

The project reads English. A short piece in another script inside a text is nearly always a proper name: it counts as a
person unless it names a country or a listed office. In longer text titles, words such as “named”, and frequent names
give a person away. It is no proof that such a text names nobody.
"""

import csv
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel import Locale

from corridors import ROOT, catalog, paths

ALLOWLIST = Path(__file__).with_name("allowlist.txt")
PLACES = ROOT / "data" / paths.ROUTES / "places.csv"
WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
SECTIONS = ("known", "ordinary", "before", "after")


@dataclass(frozen=True)
class Known:
    """What is no person: phrases (places, offices, treaties), single words, words that make a name of what is beside."""

    phrases: frozenset[tuple[str, ...]]  # folded words
    words: frozenset[str]  # folded: single words of the list, ordinary words, and words of the project's own texts
    before: frozenset[str]  # “Port X Y”: heads that cover what follows
    after: frozenset[str]  # “X Y Province”: heads that cover what stands before
    longest: int  # words in the longest phrase
    scripts: frozenset[str] = frozenset()  # offices and places in other scripts, folded


def folded(text: str) -> str:
    """The text in lower case without accents and without a possessive s, for comparing words."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"'s?$", "", plain)


def folded_words(text: str) -> tuple[str, ...]:
    """The words of a text, folded; hyphens part words, so that “Viet-Nam” is “Viet Nam”."""
    return tuple(folded(word) for word in WORD.findall(text.replace("-", " ")))


@lru_cache(maxsize=1)
def allowlist() -> Known:
    """What the catalog, the places of the routes and `allowlist.txt` know. Raises OSError without the list."""
    vocabulary = catalog.load()
    names: list[str] = []
    for country in vocabulary.countries.values():
        names += [country.name, *country.aliases]
    for member in vocabulary.members.values():
        names += [member.name, member.listed_as, member.short_name, member.capital, member.subregion, *member.aliases]
    if PLACES.is_file():
        with PLACES.open(encoding="utf-8", newline="") as handle:
            names += [row["name"] for row in csv.DictReader(handle)]
    lists: dict[str, list[tuple[str, ...]]] = {section: [] for section in SECTIONS}
    section = SECTIONS[0]
    scripts: set[str] = set()
    for line in ALLOWLIST.read_text(encoding="utf-8").splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("["):
            section = line.strip("[]")
        elif line:
            parts = [part.strip() for part in line.split(",")]
            lists[section] += [folded_words(part) for part in parts]
            scripts |= {folded_text(part)[0].casefold() for part in parts if not part.isascii()}
    phrases = {*map(folded_words, names), *lists["known"]} - {()}
    single = {phrase[0] for phrase in phrases if len(phrase) == 1}
    before, after = (frozenset(word for phrase in lists[side] for word in phrase) for side in ("before", "after"))
    ordinary = {word for phrase in lists["ordinary"] for word in phrase}
    words = frozenset(single | ordinary | before | after | _own_words())
    scripts |= {folded_text(name)[0].casefold() for name in names if not name.isascii()}
    longest = max(len(phrase) for phrase in phrases)
    return Known(frozenset(phrases), words, before, after, longest, frozenset(scripts))


def _own_words() -> set[str]:
    """Words that the catalog writes in lower case; with a capital they might be a name that a text of ours mentions."""
    vocabulary = catalog.load()
    texts: list[str] = []
    for caveat in vocabulary.caveats.values():
        texts += [caveat.title, caveat.text, caveat.remedy]
    for factor in vocabulary.factors.values():
        texts += [factor.name, factor.mechanism, factor.cannot_say, factor.who_could_measure]
    texts += [f"{indicator.name} {indicator.definition}" for indicator in vocabulary.indicators.values()]
    texts += [entry["meaning"] for entry in vocabulary.glossary.values()]
    return {folded(word) for text in texts for word in WORD.findall(text.replace("-", " ")) if word.islower()}


LISTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
TITLES, GIVEN, LOWER_TITLES, FAMILY, LINKS, FATHER, LAND, PLACED, FREQUENT = (
    frozenset(LISTS[name].split()) for name in "titles given lower_titles family links father land placed frequent".split()
)
KIN = re.compile(
    r"\b(?:[sdaw]/o|a/[lp]|son of|daughter of|wife of|husband of|widow of|brother of|sister of|mother of|father of"
    r"|nephew of)\b\s*",
    re.I,
)
ALIAS = re.compile(
    r"\b(?:alias|a\.?k\.?a\.?|nicknamed|surnamed|known as|goes by|also called|by the name of"
    r"|under the name(?: of)?)\s*[:“\"'(]*\s*",
    re.I,
)
NAMED = re.compile(
    r"\b(?:(?:person|man|woman|boy|girl|child|broker|agent|smuggler|trafficker|recruiter|suspect|victim|driver|skipper"
    r"|boss|leader|organi[sz]er|facilitator|handler|owner|ringleader|kingpin|witness|national|citizen|accused|offender"
    r"|migrant|worker|fisher|him|her|them|one)(?:\s+\w+){0,2}?\s+(?:named|called)(?: as)?|named(?: as)?"
    r"|(?:full |first |last |given |family )?names?\s*(?:[:=]|is|was)"
    r"|suspects?\s*:|victims?\s*:|accused\s*:|contact(?: person)?\s*:)\s*[:“\"'(]*\s*",
    re.I,
)
# What is named or called need not be a person
THING = re.compile(
    r"\b(?:operations?|compan(?:y|ies)|firms?|vessels?|boats?|ships?|apps?|applications?|projects?|campaigns?|schemes?"
    r"|laws?|acts?|groups?|programmes?|systems?|routes?|towns?|villages?|islands?|places?|sites?|storms?|typhoons?"
    r"|cyclones?|ports?|zones?|platforms?|reports?|units?)\b[^.;:]*$",
    re.I,
)
INITIAL = re.compile(r"(?<!\w)[A-Z]\.?$")
COVER = 3  # words that a head such as “Province” or “Port” covers on its side
ACRONYM = 5  # a word all in capitals up to this length is taken for an abbreviation

Spans = list[tuple[int, int]]


@dataclass
class _Word:
    """A word of the text with what is known of it."""

    text: str
    start: int
    end: int
    folded: str
    first: bool  # opens a sentence or a list item
    gap: str  # what stands between it and the word before

    known: bool = False
    ordinary: bool = False  # known only as a word, not as a place or an office

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def shouted(self) -> bool:
        return len(self.text) > 1 and self.text.isupper()


def name_spans(text: str, known: Known) -> Spans:
    """Start and end of every stretch that reads like a person's name, in order; never overlapping. Raises nothing."""
    words = _words(text)
    _mark(words, known)
    shouted = not any(c.islower() for c in text)
    spans: Spans = []
    for i in range(len(words)):
        spans += _titled(words, i) + _linked(words, i) + _familiar(words, i, shouted)
    return _merged(spans + _cued(text, words) + _runs(words, shouted))


def _titled(words: list[_Word], i: int) -> Spans:
    """“Mr X”."""
    word = words[i]
    if not (word.folded in TITLES and word.capital or word.folded in LOWER_TITLES) or i + 1 == len(words):
        return []
    after = words[i + 1]
    named = after.capital and not after.known and re.fullmatch(r"\.?\s+", after.gap)
    return [(word.start, _run_end(words, i + 1))] if named else []


def _linked(words: list[_Word], i: int) -> Spans:
    """“X bin Y”, “X de la Y”."""
    if words[i].folded not in LINKS or not 0 < i < len(words) - 1:
        return []
    before, after = words[i - 1], words[i + 1]
    if words[i].gap != " " or after.gap != " " or not (before.capital and after.capital) or after.known:
        return []
    return [(before.start, _run_end(words, i + 1))] if words[i].folded in FATHER or not before.known else []


def _familiar(words: list[_Word], i: int, shouted: bool) -> Spans:
    """A frequent name with a capitalised word beside it, even an ordinary one: “Nguyen Van An”, “Santos, X”."""
    word = words[i]
    if word.folded not in FAMILY or not word.capital or word.known:
        return []
    after, before = words[i + 1] if i + 1 < len(words) else None, words[i - 1] if i else None
    if after is not None and after.capital and re.fullmatch(r"\.?[ \t]+|,[ \t]+", after.gap):
        ordinary = after.ordinary and "," not in after.gap and not shouted
        if not after.known or after.folded in ("van", "thi") or ordinary:
            return [(word.start, max(after.end, _run_end(words, i + 1)))]
    if before is not None and before.capital and re.fullmatch(r"\.?[ \t]+", word.gap):
        if not before.known or before.ordinary and not before.first and not shouted:
            return [(before.start, word.end)]
    return []


def _cued(text: str, words: list[_Word]) -> Spans:
    """“alias X”, “a broker named X”, “son of X”."""
    at = {word.start: i for i, word in enumerate(words)}
    spans = []
    for cue in (ALIAS, NAMED, KIN):
        for match in cue.finditer(text):
            if cue is NAMED and THING.search(text[max(0, match.start() - 40) : match.end()]):
                continue
            i = at.get(match.end())
            if i is not None and words[i].capital and not words[i].known:
                spans.append((words[i].start, _run_end(words, i)))
    return spans


def _words(text: str) -> list[_Word]:
    words, last = [], 0
    for match in WORD.finditer(text):
        gap = text[last : match.start()]
        first = (
            not words
            or bool(re.search(r"[.!?:;•\n“\"(|]\s*$|[–—]\s+$", gap))
            and not INITIAL.search(text[max(0, last - 2) : last])
        )
        words.append(_Word(match[0], *match.span(), folded(match[0]), first, gap))
        last = match.end()
    return words


def _mark(words: list[_Word], known: Known) -> None:
    """Marks what is a known place, office or word; then what a head beside it covers."""
    parts: list[tuple[int, str]] = []  # hyphens part words here: “Viet-Nam” is the phrase “viet nam”
    for i, word in enumerate(words):
        parts += [(i, part) for part in word.folded.split("-") if part]
    flat = [part for _, part in parts]
    j = 0
    while j < len(parts):
        for size in range(min(known.longest, len(parts) - j), 0, -1):
            if tuple(flat[j : j + size]) in known.phrases:
                for i, _ in parts[j : j + size]:
                    words[i].known = True
                j += size
                break
        else:
            j += 1
    for word in words:
        pieces = [piece for piece in word.folded.split("-") if piece]
        if word.folded in FAMILY:
            continue
        if all(_explained(piece, known) for piece in pieces):
            word.ordinary = not word.known and (word.folded,) not in known.phrases
            word.known = True
        elif word.shouted and len(word.text) <= ACRONYM:
            word.known = True
    for i, word in enumerate(words):
        if word.capital and word.folded in known.before:
            _cover(words, i, 1)
        if word.capital and word.folded in known.after or word.folded in LAND:
            _cover(words, i, -1)


def _cover(words: list[_Word], i: int, step: int) -> None:
    """The capitalised words on one side of a head belong to it: “Port X Y”, “University of X Y”, “X Y Province”."""
    covered, j = 0, i + step
    while 0 <= j < len(words) and covered < COVER:
        gap = (words[j] if step > 0 else words[j + 1]).gap
        if not re.fullmatch(r"\s+|\s*-\s*", gap) or not (
            words[j].capital or words[j].folded in ("of", "the", "and", "de", "for")
        ):
            return
        if words[j].capital:
            words[j].known = True
            covered += 1
        j += step


def _run_end(words: list[_Word], i: int) -> int:
    """The end of the name that begins with word i: capitalised unknown words and what links them."""
    end = words[i].end
    for here in range(i + 1, min(i + 6, len(words))):
        word = words[here]
        if not re.fullmatch(r"\.?\s+", word.gap):
            break
        if word.capital and not word.known:
            end = word.end
        elif word.folded not in LINKS:
            break
    return end


def _explained(piece: str, known: Known) -> bool:
    """Whether a part of a word is a place, an office, a title or an ordinary word, in the singular or the plural."""
    return any(
        form in known.words or form in TITLES - GIVEN for form in (piece, piece.removesuffix("s"), piece.removesuffix("es"))
    )


def _runs(words: list[_Word], everything_shouted: bool) -> Spans:
    """Two or more capitalised words side by side that nothing explains, or initials before one such word."""
    runs: list[list[int]] = [[]]
    for i, word in enumerate(words):
        initial = len(word.text) == 1 and word.capital and word.text not in "AI"
        loud = everything_shouted and word.shouted and len(word.text) <= ACRONYM
        if not (word.capital and not word.known or initial) or loud:
            runs.append([])
            continue
        if runs[-1] and not (re.fullmatch(r"\.?[ \t]+", word.gap) and not word.first):
            runs.append([])
        runs[-1].append(i)
    spans, placed = [], set()
    for run in runs:
        long = [i for i in run if len(words[i].text) > 1]
        if not long or len(run) < 2 or (len(long) == 1 and len(words[long[0]].text) < 3):
            continue
        first, last = words[run[0]], words[run[-1]]
        before = words[run[0] - 1] if run[0] else None
        beside = before is not None and re.fullmatch(r"\s+", first.gap) is not None
        # “in X Y” is a place more often than a person; “in X Y and Z W” are two
        if (
            beside
            and (before.folded in PLACED or before.folded in ("and", "or") and run[0] - 2 in placed)
            and not last.text.endswith(("'s", "’s"))
        ):
            placed.add(run[-1])
            continue
        spans.append((first.start, last.end))
    return spans


def _merged(spans: Spans) -> Spans:
    """Overlapping stretches made one, in order."""
    result: Spans = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


# Scripts other than Latin, and text folded so that letters and digits of every script compare

# The members' languages that are not written in Latin letters alone, and those of the largest groups beside them.
LANGUAGES = "ar bg bn dv dz el fa hi ja kk km ko lo mn my ne pa ps ru si sr ta te tg th tk ug ur uk zh zh_Hant".split()
SHORT_LETTERS, SHORT_WORDS = 26, 5  # a piece up to this length is a name or a label, a longer one a sentence
SHORT_HAN = 8  # the same for writing in which one character is a syllable
DENSE = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")
JOINS = " ・·-‧\u200c\u200d"
# Cyrillic and Greek letters that look like Latin ones: used, inside a number of a document, to pass for them.
LOOKALIKE = str.maketrans("АВЕЅІЈКМНОРСТХҮЗΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABESIJKMHOPCTXY3ABEZHIKMNOPTYX")
KEEP = "″"  # NFKC would make two minutes of arc of the second

# What stands before a name, and what stands after it.
BEFORE = (
    r"นาย(?!หน้า|จ้าง|ทุน|อำเภอ|ทหาร|ก\w*รัฐ)|นางสาว|นาง(?!งาม)|น\.ส\.|ด\.[ชญ]\.|ชื่อ(?!เสียง)|คุณ(?!ภาพ|ค่า|สมบัติ|ธรรม)"
    r"|ທ້າວ|ນາງ|ຊື່|លោកស្រី|លោក|អ្នកស្រី|ឈ្មោះ|ဦး|ဒေါ်|မောင်|အမည်|ကို(?=\s?\w)"
    r"|名叫|叫做|姓名[:：]?|嫌疑人|受害人|被害人|名前は|容疑者の|이름은?|피의자|브로커"
    r"|মোঃ|মো\.|জনাব|শ্রী|নাম|श्रीमती|श्री|नाम|திருமதி|திரு\.?|பெயர்|නමැති|نامی|جناب|السيدة|السيد|به نام|مسمی|بنام|اسمه|اسمها"
    r"|по имени|по фамилии|господин|госпожа|гражданин"
)
AFTER = r"先生|女士|小姐|さん|氏|容疑者|被告|씨|මහතා|මහත්මිය|صاحب"
PATRONYMIC = re.compile(r"\w+(?:ович|евич|овна|евна|оғлы|қызы|ов|ова|ев|ева|ский|ская|енко)$")


def folded_text(text: str) -> tuple[str, list[int], list[int]]:
    """The text in NFKC with plain digits and nothing invisible; for each of its characters where it began and ended before."""
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        piece = text[at:end]
        if unicodedata.category(piece[0]) != "Cf":
            for char in piece if piece[0] in KEEP else unicodedata.normalize("NFKC", piece):
                digit = unicodedata.decimal(char, None)
                out.append(char if digit is None else str(digit))
                starts.append(at)
                ends.append(end)
        at = end
    plain = "".join(out)
    for token in re.finditer(r"\w*\d{4}\w*", plain):
        # one letter for one: every place in the text stays where it is
        plain = plain[: token.start()] + token[0].translate(LOOKALIKE) + plain[token.end() :]
    return plain, starts, ends


def script(char: str) -> str:
    """The script of a letter as Unicode names it, such as THAI or CJK; empty for Latin letters and for no letter."""
    if not char.isalpha():
        return ""
    first = unicodedata.name(char, "UNKNOWN").split()[0]
    return "" if first in ("LATIN", "MODIFIER", "FEMININE", "MASCULINE", "KELVIN", "ANGSTROM", "MICRO") else first


@lru_cache(maxsize=1)
def country_names() -> frozenset[str]:
    """The countries' names in the members' own languages, as CLDR has them, folded."""
    return frozenset(
        folded_text(name)[0].casefold() for language in LANGUAGES for name in Locale.parse(language).territories.values()
    )


def other_name_spans(text: str, allowed: frozenset[str], names_only: bool = False) -> list[tuple[int, int, str]]:
    """Start, end and script of every stretch in another script that may be a person's name. `allowed` is folded; where a text
    holds `names_only`, whatever is not allowed may be one.
    """
    spans = []
    for start, end in _pieces(text):
        piece = text[start:end]
        kind = script(piece[0])
        if _is_known(piece, allowed):
            continue
        if names_only:
            spans.append((start, end, kind))
            continue
        letters = sum(map(str.isalpha, piece))
        words = re.split(rf"[{re.escape(JOINS)}]+", piece)
        most = SHORT_HAN if kind in DENSE else SHORT_LETTERS
        if letters < 2 and kind not in DENSE:
            continue
        if letters <= most and len(words) <= SHORT_WORDS:
            spans.append((start, end, kind))
            continue
        signs = [m.span() for m in re.finditer(rf"(?:{BEFORE})\s*[^\s\d]{{2,20}}(?: [^\s\d]{{2,20}})?", piece)]
        signs += [m.span() for m in re.finditer(rf"[^\s\d]{{1,8}}(?:{AFTER})", piece)]
        place = 0
        for word in words:
            place = piece.index(word, place)
            if word in FREQUENT or kind == "CYRILLIC" and word[:1].isupper() and PATRONYMIC.match(word):
                signs.append((place, place + len(word)))
            place += len(word)
        spans += [(start + a, start + b, kind) for a, b in signs]
    return spans


def _pieces(text: str) -> list[tuple[int, int]]:
    """Stretches of letters of other scripts, with their marks and the spaces between them."""
    pieces: list[tuple[int, int]] = []
    for i, char in enumerate(text):
        inside = bool(script(char)) or (
            unicodedata.category(char)[0] == "M" and pieces and pieces[-1][1] == i or char == "ー" and bool(pieces)
        )
        if not inside:
            continue
        if pieces and (pieces[-1][1] == i or (pieces[-1][1] == i - 1 and text[i - 1] in JOINS)):
            pieces[-1] = (pieces[-1][0], i + 1)
        else:
            pieces.append((i, i + 1))
    return pieces


def _is_known(piece: str, allowed: frozenset[str]) -> bool:
    plain = piece.casefold()
    known = allowed | country_names()
    return plain in known or all(word in known for word in plain.split())

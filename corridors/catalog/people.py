"""Free text that looks as if it told who somebody is: names, papers, telephones, accounts, addresses.

It reads signs, not meaning: a title, a cue such as “named”, two capitalised words that are no known place or office,
the shape of a number. It finds what people let slip and is no proof that a text holds nothing: a single name without a
cue, or a name in lower case, passes. What it finds is never repeated; every excerpt is masked.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import phonenumbers
from babel.core import get_global
from stdnum import bitcoin, iban
from stdnum.cn import ric
from stdnum.in_ import aadhaar, epic, pan
from stdnum.kr import rrn
from stdnum.my import nric
from stdnum.pk import cnic
from stdnum.th import pin
from stdnum.tr import tckimlik

from corridors import ROOT, catalog, paths
from corridors.catalog import other_scripts
from corridors.problems import Problem

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
            scripts |= {other_scripts.folded_text(part)[0].casefold() for part in parts if not part.isascii()}
    phrases = {*map(folded_words, names), *lists["known"]} - {()}
    single = {phrase[0] for phrase in phrases if len(phrase) == 1}
    before, after = (frozenset(word for phrase in lists[side] for word in phrase) for side in ("before", "after"))
    ordinary = {word for phrase in lists["ordinary"] for word in phrase}
    words = frozenset(single | ordinary | before | after | _own_words())
    scripts |= {other_scripts.folded_text(name)[0].casefold() for name in names if not name.isascii()}
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


TITLES = frozenset(
    "mr mrs ms mx miss dr prof professor capt captain sgt sergeant col colonel lt lieutenant maj major brig "
    "brigadier insp inspector supt gen rev fr haji hajah datuk dato datin puan encik tengku ustaz sheikh shaikh "
    "syed sayyid maulana ibu khun daw mme monsieur nai nang sri smt shri mohd md muhd".split()
)
GIVEN = frozenset(("md", "mohd", "muhd"))  # titles that are themselves part of a name
LOWER_TITLES = frozenset("mr mrs ms dr".split())  # also without a capital
# Names so common in the region that a capitalised word beside one makes a person, even if that word means something
FAMILY = frozenset(
    "nguyen tran pham hoang huynh mohammed muhammad mohammad mohamed mohamad ahmed ahmad abdul abdullah hussain "
    "hussein hossain hasan hassan khan singh kaur kumar sharma begum bibi khatun akhtar rahman uddin rahim karim "
    "perera silva fernando jayasuriya santos cruz reyes garcia dela somchai zhang chen wang zaw htun naing yusof "
    "ismail ibrahim osman sharif iqbal hamid".split()
)
LINKS = frozenset("bin binti bint ibn bte binte al el de da dos del van von der den la le ul ur ud af".split())
FATHER = frozenset("bin binti bint ibn bte binte".split())
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
LAND = frozenset(  # heads that cover what stands before them without a capital, too
    "province district township island islands river county prefecture regency governorate municipality airport".split()
)
PLACED = frozenset("in near at off into towards around across outside inside beyond throughout".split())
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


NAME, PASSPORT, IDENTITY, PHONE, EMAIL = "name", "passport number", "identity number", "phone number", "e-mail address"
HANDLE, BIRTH, ADDRESS, VESSEL = "account name", "date of birth", "exact address", "registration"
ACCOUNT = "account number"
KINDS = (NAME, PASSPORT, IDENTITY, PHONE, EMAIL, HANDLE, BIRTH, ADDRESS, VESSEL, ACCOUNT)


@dataclass(frozen=True)
class Found:
    """Something that may tell who a person is: its kind, an excerpt fit to be shown, and where it stands in the text."""

    kind: str
    excerpt_masked: str
    start: int = 0
    end: int = 0


# A cue may be followed by “no.”, “number”, “is”, a colon … and then by the number itself.
NUMBER = r"(?P<number>\s*(?:(?:no|nos|number|numbers|num|nr|n[°º])\b\.?|\#))?"
LINK = r"\s*(?:(?:is|was)\b|[:=(–-])?\s*"
TOKEN = r"(?P<id>(?=[A-Z./-]*\d)[A-Z0-9](?:[A-Z0-9./-]{3,22})[A-Z0-9])(?!\w)"
CUED_PAPER = re.compile(
    r"\b(?P<cue>passports?|paspor|travel documents?|laissez[- ]passer|visa)" + NUMBER + LINK + TOKEN, re.IGNORECASE
)
CUED_IDENTITY = re.compile(
    r"\b(?P<cue>identity(?: card| document| number)?|id card|national id|id|nric|nic|cnic|nid|nik|ktp|aadhaa?r|mykad"
    r"|pan card"
    r"|birth certificate|driving licen[cs]e|driver'?s licen[cs]e|tax(?:payer)? (?:file )?number|social security|ssn"
    r"|iban"
    r"|bank account|account|wallet|registration card|unhcr (?:case|file|card))" + NUMBER + LINK + TOKEN,
    re.IGNORECASE,
)
BARE_PASSPORT = re.compile(r"(?<![\w/.-])(?:[A-Z]{1,2}\d{6,8}|[A-Z]{3}\d{6,7}|[A-Z]\d{2}[A-Z]\d{4,6})(?!\w)")
# Pakistan, Malaysia, Thailand, India, Sri Lanka, Republic of Korea, Singapore, Indonesia and China, Myanmar, the USA
BARE_IDENTITY = re.compile(
    r"(?<![\w.,-])(?:\d{5}-\d{7}-\d|\d{6}-\d{2}-\d{4}|\d-\d{4}-\d{5}-\d{2}-\d|(?!(?:19|20)\d\d[ -](?:19"
    r"|20)\d\d[ -])\d{4}[ -]\d{4}[ -]\d{4}"
    r"|\d{9}[VvXx]|\d{6}-[1-8]\d{6}|[STFGM]\d{7}[A-Z]|\d{12,18}[Xx]?|\d{1,2}/[A-Za-z]{3,9}\([A-Za-z]{1,6}\)\d{5,6}"
    r"|\d{3}-\d{2}-\d{4})(?![\w-])"
)
EMAIL_SHAPE = re.compile(
    r"(?<![\w.+%-])[\w.+%-]{1,64}(?:@|\s?[(\[]at[)\]]\s?)[\w-]{1,63}(?:(?:\.|\s?[(\[]dot[)\]]\s?)[\w-]{1,63})+",
    re.IGNORECASE,
)
CUED_PHONE = re.compile(
    r"\b(?:tel|telephone|phone|mobile|mob|cell|cellphone|handphone|hp|whats ?app|viber|signal|telegram|fax|call|sim"
    r"|msisdn|imei)\b\.?"
    r"(?:\s*(?:card|no|number|nos|nr)\b\.?)*" + LINK + r"(?P<id>[(+]?\d[\d\s()./-]{4,22}\d)",
    re.IGNORECASE,
)
BARE_PHONE = re.compile(
    r"(?<![\w.,+-])(?:(?:\+|00)\s?\(?[1-9]\d{0,3}\)?(?:[\s./-]?\(?\d{1,5}\)?){1,5}"
    r"|(?<!\d\s)\(?0[1-9]\d{0,3}\)?[\s./-]\d{3,4}[\s./-]?\d{3,4}"
    r"|0[1-9]\d{7,9}|\(\d{3}\)\s?\d{3}-\d{4}|\d{3}-\d{3}-\d{4})(?!\w)"
)
HANDLE_SHAPE = re.compile(
    r"(?<![\w.@])@[A-Za-z_][\w.]{2,30}|\b(?:facebook|fb|instagram|tiktok|twitter|x|t|wa|vk|line|youtube|linkedin"
    r"|telegram|weibo)"
    r"\.(?:com|me|ee)/[\w.@/?=-]{2,80}",
    re.IGNORECASE,
)
CUED_HANDLE = re.compile(
    r"\b(?:telegram|whats ?app|wechat|weixin|line|facebook|fb|instagram|ig|tiktok|viber|signal|skype|zalo"
    r"|kakao(?:talk)?|imo|qq|messenger)"
    r"\s+(?:id|account|handle|user ?name|nick(?:name)?|profile|user)\b"
    + LINK
    + r"[“\"']?(?P<id>(?=[\w.-]*(?:[\d_]|\.\w))[\w.-]{4,40})",
    re.IGNORECASE,
)
MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
DAY = (
    rf"(?:\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}}|\d{{1,2}}(?:st|nd|rd|th)?\s+{MONTH},?\s+\d{{2,4}}"
    rf"|{MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}})"
)
BIRTH_SHAPE = re.compile(
    rf"\b(?:d\.?\s?o\.?\s?b\b\.?|dates? of birth|birth ?da(?:te|y)|born(?: on)?|née?)(?:\s+(?:is"
    rf"|was))?\s*[:=(]?\s*{DAY}",
    re.IGNORECASE,
)
STREET = (
    r"(?:Street|St\.|Road|Rd\b\.?|Avenue|Ave\b\.?|Lane|Drive|Boulevard|Blvd|Mawatha|Marg|Crescent|Close|Terrace"
    r"|Sokak|Caddesi)"
)
ADDRESS_SHAPE = re.compile(
    rf"\b\d{{1,5}}[A-Za-z]?(?:/\d{{1,5}})?,?[ ](?:[A-Z][\w'’.-]{{0,30}}[ ]){{1,4}}{STREET}"
    r"|\b(?:Jalan|Jln|Jl\.|Lorong"
    r"|Thanon)[ ][A-Z0-9][\w'’.-]{0,30}(?:[ ][A-Z0-9][\w'’.-]{0,30}){0,3},?[ ](?:[Nn]o\.?[ ]?)?\d{1,4}[A-Za-z]?\b(?![ ]?%)"
    r"|\b\d{1,4}[A-Za-z]?,?[ ](?:Jalan|Jln|Jl\.|Lorong|Thanon|Soi)[ ][A-Z0-9]|\b(?:Soi|Moo)[ ]\d{1,3}\b"
    r"|\b(?i:house|flat|apartment|apt\.?|plot|door|villa)\s*(?i:no\.?|number|\#)\s*\d{1,5}\b|\#\d{2}-\d{2,4}\b"
    r"|(?<![\d.])-?\d{1,3}\.\d{4,}°?\s*[NS]?\s*[,;/ ]\s*-?\d{1,3}\.\d{4,}(?![\d.])"
    r"|\d{1,3}°\s?\d{1,2}['′’]\s?\d{1,2}(?:\.\d+)?[\"″”]"
)
# Grid references, plus codes, and coordinates to two decimals, which is a kilometre
POSITION_SHAPE = re.compile(
    r"(?<![\w])(?:\d{1,2}[C-HJ-NP-X]\s?[A-HJ-NP-Z]{2}\s?\d{2,5}\s?\d{2,5}|[23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3})(?!\w)"
    r"|(?<![\d.,$€£¥%-])-?(?:[0-8]?\d|90)\.(?P<a>\d{2,})°?\s*[NS]?\s*[,;/]\s*-?(?:1[0-7]\d|\d{1,2}|180)\.\d{2,}°?\s?[EW]?(?![\d.]|\s?%|,\s?\d)"
    r"|(?<![\d.])\d{1,2}\.\d{2,}\s?°?\s?[NS]\b\W{0,3}\d{1,3}\.\d{2,}\s?°?\s?[EW]\b"
)
MONEY, LISTED = (
    re.compile(r"\b[A-Z]{3} $"),
    re.compile(r"\s*(?:and|or|per|million)\b(?! more)"),
)  # before, after a list of amounts
WALLET_SHAPE = re.compile(
    r"(?<!\w)(?:0x[0-9a-fA-F]{40}|T[1-9A-HJ-NP-Za-km-z]{33}|bc1[02-9ac-hj-np-z]{11,71}|[13][1-9A-HJ-NP-Za-km-z]{25,34})(?!\w)"
)
IBAN_SHAPE = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{2,4}){3,8}(?!\w)")
# What may be the number of a member's identity card: its own check digits decide (python-stdnum)
OWN_NUMBER_SHAPE = re.compile(r"(?<![\w.,+/-])[A-Z0-9](?:[ -]?[A-Z0-9]){8,17}(?![\w,/-]|\.\d)")
OWN_NUMBERS = {10: (pan, epic), 11: (tckimlik,), 12: (aadhaar, nric), 13: (pin, cnic, rrn), 18: (ric,)}
DIALLED = re.compile(r"(?<![\w.,+-])(?:\+|00|\(?0)[\d\s().-]{7,18}\d(?![\w,])|(?<![\w.,+/-])[689]\d{3}[ -]\d{4}(?![\w,/-])")
VESSEL_SHAPE = re.compile(
    r"\bIMUL[-\s]?A[-\s]?\d{2,5}(?:[-\s]?[A-Z]{3})?\b"
    r"|\b(?i:(?:registrations?|reg|licen[cs]e plates?|number plates?|plates?|hull|mmsi|call ?sign)\b\.?)"
    + f"(?i:{NUMBER}{LINK})"
    r"(?P<id>[A-Z0-9]{1,9}(?:[-\s][A-Z0-9]{1,6}){0,3})(?!\w)"
)


NAMES_ONLY = frozenset(("office", "agency", "place", "name", "publisher"))  # fields that hold an office or a place


def found(text: str, field: str = "") -> list[Found]:
    """What in a text may tell who a person is, in the order of the text; empty when nothing does. In a `field` of NAMES_ONLY
    letters of another script must name an office or a place that is known, however long they go on.

    Nothing is found twice: the more certain kind wins. Full-width letters, digits of every script and invisible marks
    are folded first; the places found are those of the text as it was given. Works on any text and raises nothing.
    """
    return list(_found(text, field in NAMES_ONLY))


@lru_cache(maxsize=4096)  # one briefing is judged several times over
def _found(text: str, names_only: bool) -> tuple[Found, ...]:
    if text.isascii():
        return _found_folded(text, names_only)
    plain, starts, ends = other_scripts.folded_text(text)
    return tuple(Found(f.kind, f.excerpt_masked, starts[f.start], ends[f.end - 1]) for f in _found_folded(plain, names_only))


def _found_folded(text: str, names_only: bool) -> tuple[Found, ...]:
    result: list[Found] = []

    def add(kind: str, start: int, end: int, masked: str) -> None:
        if all(end <= other.start or start >= other.end for other in result):
            result.append(Found(kind, masked, start, end))

    for match in EMAIL_SHAPE.finditer(text):
        add(EMAIL, *match.span(), f"an e-mail address of {len(match[0])} characters")
    for match in BIRTH_SHAPE.finditer(text):
        add(BIRTH, *match.span(), "a day of birth")
    for match in [*ADDRESS_SHAPE.finditer(text), *POSITION_SHAPE.finditer(text)]:
        bare = match.re is POSITION_SHAPE and match["a"] and not re.search("[NSEW]", match[0])
        if bare and (MONEY.search(text[: match.start()]) or LISTED.match(text, match.end())):
            continue
        add(ADDRESS, *match.span(), f"an address or position of {len(match[0])} characters")
    for match in VESSEL_SHAPE.finditer(text):
        number = match["id"] or match[0]
        if _a_registration(number):
            add(VESSEL, *match.span(), f"a registration of {len(number)} characters")
    for kind, shape in ((PASSPORT, CUED_PAPER), (IDENTITY, CUED_IDENTITY)):
        for match in shape.finditer(text):
            if _a_paper(match["id"], match["number"]):
                add(kind, *match.span(), f"{match['cue'].lower()} number of {len(match['id'])} characters")
    for match in WALLET_SHAPE.finditer(text):
        if match[0][0] in "0T" or bitcoin.is_valid(match[0]):
            add(ACCOUNT, *match.span(), f"a wallet of {len(match[0])} characters")
    for match in IBAN_SHAPE.finditer(text):
        if iban.is_valid(match[0]):
            add(ACCOUNT, *match.span(), f"a bank account of {len(match[0])} characters")
    for match in BARE_IDENTITY.finditer(text):
        add(IDENTITY, *match.span(), f"a number of {len(match[0])} characters in the form of an identity number")
    for match in OWN_NUMBER_SHAPE.finditer(text):
        if _a_members_own(match[0]):
            add(IDENTITY, *match.span(), f"a number of {len(match[0])} characters in the form of an identity number")
    for match in BARE_PASSPORT.finditer(text):
        add(PASSPORT, *match.span(), f"a number of {len(match[0])} characters in the form of a passport number")
    for match in [*CUED_PHONE.finditer(text), *BARE_PHONE.finditer(text)]:
        digits = _digits(match[0])
        if 7 <= digits <= 16 and not _a_date(match[0]):
            add(PHONE, *match.span(), f"phone number of {digits} digits")
    for match in DIALLED.finditer(text):
        if not _a_date(match[0]) and _rings(match[0]):
            add(PHONE, *match.span(), f"phone number of {_digits(match[0])} digits")
    for match in [*HANDLE_SHAPE.finditer(text), *CUED_HANDLE.finditer(text)]:
        add(HANDLE, *match.span(), f"an account name of {len(match[0])} characters")
    for start, end in name_spans(text, allowlist()):
        add(NAME, start, end, initials(text[start:end]))
    if not text.isascii():
        for start, end, script in other_scripts.name_spans(text, allowlist().scripts, names_only):
            add(NAME, start, end, f"{end - start} characters in {script.title()} script")
    return tuple(sorted(result, key=lambda f: f.start))


def problems(text: str, file: str, **place) -> list[Problem]:
    """An error for each thing in a text that may tell who somebody is; `place`: sheet, column, row. Repeats none of it."""
    return [
        Problem(
            file,
            f"what looks like the {what.kind} of a person: {what.excerpt_masked}",
            "no personal data",
            how_to_fix(what.kind),
            code="personal-data",
            **place,
        )
        for what in found(text, place.get("column", ""))
    ]


def shown(text: str, most: int) -> str:
    """A text for a message: in quotation marks and short, or only its kind where it may tell who a person is."""
    who = found(text)
    if who:
        return f"text that looks like the {who[0].kind} of a person ({who[0].excerpt_masked})"
    return f"“{text[:most]}…”" if len(text) > most else f"“{text}”"


def _a_members_own(text: str) -> bool:
    """Whether the check digits make it an identity number of a member; runs of years and grouped counts are none."""
    compact = re.sub("[ -]", "", text)
    if re.fullmatch(r"\d{1,3}(?: \d{3})+|(?:(?:19|20)\d\d[ -]?)+", text) or not any(c.isdigit() for c in text):
        return False
    return any(kind.is_valid(compact) for kind in OWN_NUMBERS.get(len(compact), ()))


@lru_cache(maxsize=1024)
def _rings(text: str) -> bool:
    """Whether a number dialled in some member is valid there."""
    if re.fullmatch(r"(?:19|20)\d\d[ -](?:19|20)\d\d", text):
        return False
    if text.startswith("00"):
        text = f"+{text[2:]}"
    regions = [None] if text.startswith("+") else _regions() if text.lstrip("(").startswith("0") else ["SG", "HK"]
    for region in regions:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(text, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False


@lru_cache(maxsize=1)
def _regions() -> tuple[str, ...]:
    """The members by the two letters under which numbering plans are kept."""
    two = get_global("territory_aliases")  # CLDR leads from three letters to two
    return tuple(sorted(two[iso3][0] for iso3 in catalog.load().members))


def initials(name: str) -> str:
    """A name by its first letters alone: "S… K…"; at most four of them."""
    return " ".join(f"{word[0]}…" for word in WORD.findall(name)[:4]) or "…"


def unread_letters(text: str) -> int:
    """How many letters of other scripts a text holds, which `found` reads for signs of names alone."""
    return sum(bool(other_scripts.script(c)) for c in text)


def how_to_fix(kind: str) -> str:
    """How to fix a text in which this kind was found."""
    if kind == NAME:
        return (
            "Take the person out and say what role they had. If it is no person, write it in lower case, use the "
            "code of the "
            "country, or have it added to the list of offices (corridors/catalog/allowlist.txt)."
        )
    if kind == ADDRESS:
        return "Name the town or region only."
    if kind == VESSEL:
        return "Say what kind of vessel or vehicle it was, without its registration."
    if kind == BIRTH:
        return "Give an age band instead."
    return f"Take the {kind} out; nothing here needs it. If it is none, write the number with commas or in words."


def _digits(text: str) -> int:
    return sum(c.isdigit() for c in text)


def _a_paper(token: str, number_word: str | None) -> bool:
    """Whether what follows a cue may be the number of a paper: no year, and no plain count such as “visas 12345”."""
    if _digits(token) < 5 or re.fullmatch(r"\d{4}[-/.]\d{2,4}|\d{1,3}([.,]\d{3})+", token) or _a_date(token):
        return False
    return bool(number_word) or any(c.isalpha() for c in token) or _digits(token) >= 8


def _a_registration(token: str) -> bool:
    letters, digits = any(c.isalpha() for c in token), _digits(token)
    return digits >= 6 or letters and digits >= 3


def _a_date(text: str) -> bool:
    day = r"(?<!\d)(?:(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d{2})(?!\d)"
    return bool(re.search(day, text))

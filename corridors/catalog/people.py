"""Free text that looks as if it told who somebody is: names, papers, telephones, accounts, addresses.

It reads signs, not meaning: a title, a cue such as “named”, two capitalised words that are no known place or office,
the shape of a number. It finds what people let slip and is no proof that a text holds nothing: a single name without a
cue, or a name in lower case, passes. What it finds is never repeated; every excerpt is masked.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

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

from corridors import catalog
from corridors.catalog.person_names import WORD, allowlist, folded_text, name_spans, other_name_spans, script
from corridors.problems import Problem

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
    plain, starts, ends = folded_text(text)
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
        for start, end, kind in other_name_spans(text, allowlist().scripts, names_only):
            add(NAME, start, end, f"{end - start} characters in {kind.title()} script")
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
    return sum(bool(script(c)) for c in text)


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

"""Names of people in scripts other than Latin, and text folded so that letters and digits of every script compare.

The project reads English. A short piece in another script inside a text is nearly always a proper name: it counts as a
person unless it names a country or a listed office. In longer text titles, words such as “named”, and frequent names
give a person away. It is no proof that such a text names nobody.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from babel import Locale

# The members' languages that are not written in Latin letters alone, and those of the largest groups beside them.
LANGUAGES = "ar bg bn dv dz el fa hi ja kk km ko lo mn my ne pa ps ru si sr ta te tg th tk ug ur uk zh zh_Hant".split()
SHORT_LETTERS, SHORT_WORDS = 26, 5  # a piece up to this length is a name or a label, a longer one a sentence
SHORT_HAN = 8  # the same for writing in which one character is a syllable
DENSE = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")
JOINS = " ・·-‧\u200c\u200d"
# Cyrillic and Greek letters that look like Latin ones: used, inside a number of a document, to pass for them.
LOOKALIKE = str.maketrans("АВЕЅІЈКМНОРСТХҮЗΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABESIJKMHOPCTXY3ABEZHIKMNOPTYX")
KEEP = "″"  # NFKC would make two minutes of arc of the second

# What stands before a name, what stands after it, and names so frequent that one in a text is a person.
BEFORE = (
    r"นาย(?!หน้า|จ้าง|ทุน|อำเภอ|ทหาร|ก\w*รัฐ)|นางสาว|นาง(?!งาม)|น\.ส\.|ด\.[ชญ]\.|ชื่อ(?!เสียง)|คุณ(?!ภาพ|ค่า|สมบัติ|ธรรม)"
    r"|ທ້າວ|ນາງ|ຊື່|លោកស្រី|លោក|អ្នកស្រី|ឈ្មោះ|ဦး|ဒေါ်|မောင်|အမည်|ကို(?=\s?\w)"
    r"|名叫|叫做|姓名[:：]?|嫌疑人|受害人|被害人|名前は|容疑者の|이름은?|피의자|브로커"
    r"|মোঃ|মো\.|জনাব|শ্রী|নাম|श्रीमती|श्री|नाम|திருமதி|திரு\.?|பெயர்|නමැති|نامی|جناب|السيدة|السيد|به نام|مسمی|بنام|اسمه|اسمها"
    r"|по имени|по фамилии|господин|госпожа|гражданин"
)
AFTER = r"先生|女士|小姐|さん|氏|容疑者|被告|씨|මහතා|මහත්මිය|صاحب"
FREQUENT = frozenset(
    "สมชาย สมศักดิ์ สมหญิง ประเสริฐ วิชัย อนุชา ສົມຊາຍ ສົມພອນ បូរី សុខា ច័ន្ទ သန်း အောင် ကျော် ဇော် "
    "মোহাম্মদ মুহাম্মদ আহমেদ হোসেন রহমান ইসলাম বেগম খাতুন আক্তার করিম রহিম "
    "मोहम्मद कुमार सिंह शर्मा देवी कुमारी राम यादव "
    "குமார் ராஜா முருகன் செல்வம் பெரேரா පෙරේරා සිල්වා කුමාර ප්‍රනාන්දු "
    "محمد احمد أحمد علی علي حسین حسين خان بی‌بی عبدالله رحمان کریم فاطمه فاطمة غلام "
    "Мухаммед Иванов Петров Ахмедов".split()
)
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


def name_spans(text: str, allowed: frozenset[str], names_only: bool = False) -> list[tuple[int, int, str]]:
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

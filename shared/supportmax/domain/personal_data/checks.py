"""Checksums of cards, accounts and national ids. Each takes the bare digits (and letters), as `bare` gives them."""

import re
from collections.abc import Callable, Sequence
from datetime import date

# ISO 13616: how long an IBAN of each country is.
IBAN_LENGTHS = {
    code: length
    for length, codes in {
        15: "NO", 16: "BE", 18: "DK FO FI GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU XK MN", 21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL", 24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HU LB NI PL SV",
        29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
    }.items()
    for code in codes.split()
}  # fmt: skip


def bare(text: str) -> str:
    """Digits and letters only, letters in capitals."""
    return re.sub(r"[\W_]", "", text).upper()


def _weighted(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def luhn(digits: str) -> bool:
    doubled = (int(d) * (2 if n % 2 else 1) for n, d in enumerate(reversed(digits)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def card(digits: str) -> bool:
    return 13 <= len(digits) <= 19 and digits[0] in "23456" and len(set(digits)) > 1 and luhn(digits)


def iban(text: str) -> bool:
    """ISO 7064, mod 97."""
    moved = text[4:] + text[:4]
    return len(text) == IBAN_LENGTHS.get(text[:2]) and int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


def us_ssn(digits: str) -> bool:
    """It has no checksum: the areas, groups and serials that were never given out."""
    return digits[:3] not in {"000", "666"} and digits[3:5] != "00" and digits[5:] != "0000"


def uk_nhs(digits: str) -> bool:
    return (11 - _weighted(digits, range(10, 1, -1)) % 11) % 11 == int(digits[9])


def nl_bsn(digits: str) -> bool:
    return _weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def es_dni(text: str) -> bool:
    """DNI and, with X, Y or Z in front, NIE."""
    number = str("XYZ".find(text[0])) + text[1:-1] if text[0] in "XYZ" else text[:-1]
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == text[-1]


def fr_nir(text: str) -> bool:
    """15 digits; Corsica is 2A and 2B."""
    body = text[:13].replace("2A", "19").replace("2B", "18")
    return text[0] in "12378" and body.isdigit() and 97 - int(body) % 97 == int(text[13:])


def de_steuer_id(digits: str) -> bool:
    """ISO 7064, mod 11, 10."""
    product = 10
    for digit in digits[:10]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(digits[10])


_ODD_LETTERS = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
# What a character counts at an odd place of a codice fiscale; a digit counts like the letter of its number.
_ODD = {chr(ord("A") + n): value for n, value in enumerate(_ODD_LETTERS)}
_ODD |= {str(n): _ODD_LETTERS[n] for n in range(10)}


def it_codice_fiscale(text: str) -> bool:
    total = sum(_ODD[c] if n % 2 == 0 else int(c, 36) - (0 if c.isdigit() else 10) for n, c in enumerate(text[:15]))
    return chr(total % 26 + ord("A")) == text[15]


def pl_pesel(digits: str) -> bool:
    return _weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def br_cpf(digits: str) -> bool:
    first = _weighted(digits, range(10, 1, -1)) * 10 % 11 % 10
    return first == int(digits[9]) and _weighted(digits, range(11, 1, -1)) * 10 % 11 % 10 == int(digits[10])


def be_national_number(digits: str) -> bool:
    return any(97 - int(century + digits[:9]) % 97 == int(digits[9:]) for century in ("", "2"))


def pt_nif(digits: str) -> bool:
    return (11 - _weighted(digits, range(9, 1, -1)) % 11) % 11 % 10 == int(digits[8])


def ch_ahv(digits: str) -> bool:
    """An EAN-13 that begins with 756."""
    return digits.startswith("756") and _weighted(digits, (1, 3) * 6 + (1,)) % 10 == 0


def se_personnummer(digits: str) -> bool:
    return luhn(digits) and _is_day(digits[2:4], str(int(digits[4:6]) % 60))


def fi_henkilotunnus(text: str) -> bool:
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(text[:6] + text[-4:-1]) % 31] == text[-1]


def ie_pps(text: str) -> bool:
    extra = int(text[8], 36) - 9 if len(text) > 8 and text[8] != "W" else 0
    total = _weighted(text[:7], range(8, 1, -1)) + 9 * extra
    return "WABCDEFGHIJKLMNOPQRSTUV"[total % 23] == text[7]


def sg_nric(text: str) -> bool:
    total = _weighted(text[1:8], (2, 7, 6, 5, 4, 3, 2)) + (4 if text[0] in "TG" else 0)
    return ("JZIHGFEDCBA" if text[0] in "ST" else "XWUTRQPNMLK")[total % 11] == text[8]


def cl_rut(text: str) -> bool:
    total = sum(int(d) * (2 + n % 6) for n, d in enumerate(reversed(text[:-1])))
    return "0123456789K0"[11 - total % 11] == text[-1]


def _is_day(month: str, day: str) -> bool:
    try:
        date(2000, int(month), int(day))
    except ValueError:
        return False
    return True


# By how many digits the id has.
BY_LENGTH: dict[int, tuple[Callable[[str], bool], ...]] = {
    9: (nl_bsn, pt_nif, luhn),  # luhn: the Canadian SIN
    10: (uk_nhs, se_personnummer),
    11: (de_steuer_id, pl_pesel, br_cpf, be_national_number),
    13: (ch_ahv,),
    15: (fr_nir,),
}


def national_id(digits: str) -> bool:
    """Whether a number of 9 digits or more has the checksum of an id of its length."""
    return any(check(digits) for check in BY_LENGTH.get(len(digits), ()))

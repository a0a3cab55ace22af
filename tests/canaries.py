"""Personal data that was never anybody's, in many spellings: valid by its checksum, made anew from a fixed seed."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from supportmax.domain.personal_data import checks

SEED = 20261126
IBAN_BODIES = {
    "DE": "nnnnnnnnnnnnnnnnnn",
    "GB": "aaaannnnnnnnnnnnnn",
    "FR": "nnnnnnnnnnxxxxxxxxxxxnn",
    "NL": "aaaannnnnnnnnn",
}
IBAN_BODIES |= {"ES": "n" * 20, "IT": "annnnnnnnnnxxxxxxxxxxxx", "AT": "n" * 16, "BE": "n" * 12, "PL": "n" * 24}
CARDS = {"4": 16, "51": 16, "55": 16, "34": 15, "37": 15, "6011": 16, "3530": 16, "36": 14, "222300": 16}
PHONES = (
    "+44 20 79## ####", "020 79## ####", "07### ######", "+447#########", "+44 (0)161 496 0###", "(555) 2##-####",
    "555-2##-####", "555.2##.####", "+1 (555) 2##-####", "+1-555-2##-####", "1 555 2## ####", "5552######",
    "+49 30 9018####", "+49 (0)171 #######", "0171/#######", "030 - 9018####", "0049 89 636#####", "+33 6 ## ## ## ##",
    "06 ## ## ## ##", "06.##.##.##.##", "+34 6## ### ###", "6##-###-###", "+31 6 ########", "06-########",
    "+61 4## ### ###", "(02) 9### ####", "+91 98### #####", "+45 ## ## ## ##", "+81 3-####-####", "+86 138 #### ####",
)  # fmt: skip
MAILS = (
    "{a}.{b}+tag@sub.example.co.uk", "{a}.{b}@example.com", "{a}_{b}{n}@mail.example.org", "{A}.{B}@EXAMPLE.COM",
    "{a}{n}@xn--bcher-kva.example", "{a}-{b}@example.museum", "{a} at {b} dot com", "{a} [at] {b} [dot] org",
    "{a}(at){b}.example", "{a}.{b} @ example.net", "{a}.{b}@b\u00fccher.example", "o'{a}@{b}.example.ie",
    "<{a}@{b}.example>",
    "{a}.{b}{n} at gmail.com",
)  # fmt: skip
NAMES = (
    "alder",
    "birch",
    "cedar",
    "dogwood",
    "elder",
    "ginkgo",
    "hazel",
    "juniper",
    "larch",
    "maple",
    "nutmeg",
    "osier",
)
GROUPED = (" ", "-", ".", "\u00a0", "\u2009", "\u202f", "\u2013", "\u2011", "_", "")


Maker = Callable[[random.Random], str]


@dataclass(frozen=True)
class Canary:
    """`bare` is what to look for: letters and digits in lower case."""

    kind: str
    text: str

    @property
    def bare(self) -> str:
        return checks.bare(plain(self.text)).lower()


def plain(text: str) -> str:
    """Wide digits as usual ones, nothing invisible."""
    return text.translate({0xFF10 + n: str(n) for n in range(10)} | {0x200B: None})


def canaries(count: int, seed: int = SEED) -> list[Canary]:
    """Of every kind about as many."""
    chance = random.Random(seed)
    kinds = list(MAKERS)
    return [Canary(kind, MAKERS[kind](chance)) for n in range(count) for kind in (kinds[n % len(kinds)],)]


def _digits(chance: random.Random, count: int, first: str = "0123456789") -> str:
    return chance.choice(first) + "".join(chance.choices("0123456789", k=count - 1))


def _until(chance: random.Random, make: Callable[[random.Random], str], check: Callable[[str], bool]) -> str:
    """Trial and error: at most every 97th is valid, and no checksum is written twice."""
    while not check(made := make(chance)):
        pass
    return made


def _grouped(chance: random.Random, text: str, sizes: Sequence[int]) -> str:
    """In groups with some sign between them, now and then in wide digits or with something invisible inside."""
    pieces: list[str] = []
    at = 0
    for size in sizes:
        pieces.append(text[at : at + size])
        at += size
    spelled = chance.choice(GROUPED).join([*filter(None, pieces), *filter(None, [text[at:]])])
    disguise = chance.random()
    if disguise < 0.05:
        return spelled.translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)})
    return spelled[:5] + "\u200b" + spelled[5:] if disguise < 0.1 else spelled


def _card(chance: random.Random) -> str:
    prefix = chance.choice(list(CARDS))
    length = CARDS[prefix]
    number = _until(chance, lambda c: prefix + _digits(c, length - len(prefix)), checks.card)
    return _grouped(chance, number, (4, 6, 5) if length == 15 else (4, 4, 4, 4))


def _iban(chance: random.Random) -> str:
    country = chance.choice(list(IBAN_BODIES))
    kinds = {"n": "0123456789", "a": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "x": "0123456789ABCDEF"}
    body = "".join(chance.choice(kinds[kind]) for kind in IBAN_BODIES[country])
    number = next(f"{country}{n:02}{body}" for n in range(2, 99) if checks.iban(f"{country}{n:02}{body}"))
    spelled = _grouped(chance, number, [4] * 8)
    return spelled.lower() if chance.random() < 0.1 else spelled


def _phone(chance: random.Random) -> str:
    return "".join(chance.choice("0123456789") if c == "#" else c for c in chance.choice(PHONES))


def _mail(chance: random.Random) -> str:
    a, b = chance.sample(NAMES, 2)
    form = chance.choice(MAILS)
    return form.format(a=a, b=b, A=a.upper(), B=b.upper(), n=chance.randint(10, 99))


def _ssn(chance: random.Random) -> str:
    return _grouped(chance, _until(chance, lambda c: _digits(c, 9, "01234578"), checks.us_ssn), (3, 2, 4))


def _nino(chance: random.Random) -> str:
    number = "".join(chance.choices("ABCEGHJKLMNPRSTWXYZ", k=2)) + _digits(chance, 6) + chance.choice("ABCD")
    return _grouped(chance, number, (2, 2, 2, 2, 1))


def _dni(chance: random.Random) -> str:
    def number(c: random.Random) -> str:
        letter = c.choice(["", "X", "Y", "Z"])
        return letter + _digits(c, 7 if letter else 8) + c.choice("TRWAGMYFPDXBNJZSQVHLCKE")

    found = _until(chance, number, checks.es_dni)
    return f"{found[:-1]}{chance.choice(['', '-', ' '])}{found[-1]}"


def _fiscal_code(chance: random.Random) -> str:
    def make(c: random.Random) -> str:
        letters = "".join(c.choices("ABCDEFGHILMNOPRSTUVZ", k=6))
        day = f"{c.randint(10, 99)}{c.choice('ABCDEHLMPRST')}{c.randint(10, 31)}"
        return f"{letters}{day}{c.choice('ABCDEFGHIL')}{_digits(c, 3)}{c.choice('ABCDEFGHIJKLMNOPQRSTUVWXYZ')}"

    found = _until(chance, make, checks.it_codice_fiscale)
    return chance.choice([found, found.lower(), f"{found[:6]} {found[6:11]} {found[11:]}"])


def _number(
    length: int, sizes: Sequence[int], check: Callable[[str], bool], first: str = "123456789"
) -> Callable[[random.Random], str]:
    return lambda chance: _grouped(chance, _until(chance, lambda c: _digits(c, length, first), check), sizes)


MAKERS: dict[str, Maker] = {
    "card": _card,
    "mail": _mail,
    "phone": _phone,
    "iban": _iban,
    "us_ssn": _ssn,
    "uk_nino": _nino,
    "es_dni": _dni,
    "it_codice_fiscale": _fiscal_code,
    "nl_bsn": _number(9, (4, 2, 3), checks.nl_bsn),
    "fr_nir": _number(15, (1, 2, 2, 2, 3, 3, 2), checks.fr_nir, "12"),
    "de_steuer_id": _number(11, (2, 3, 3, 3), checks.de_steuer_id),
    "pl_pesel": _number(11, (11,), checks.pl_pesel),
    "br_cpf": _number(11, (3, 3, 3, 2), checks.br_cpf),
    "uk_nhs": _number(10, (3, 3, 4), checks.uk_nhs),
    "be_national_number": _number(11, (2, 2, 2, 3, 2), checks.be_national_number),
}

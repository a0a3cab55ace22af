# ruff: noqa: RUF001 - letters of many languages are the point
"""The sender's own words, in the languages and programs that people use."""

import pytest

from supportmax.services.mail import split_reply

OWN = "Thanks, that helped.\n\nKind regards\nAnna"

QUOTES = {
    "gmail": "On Thu, 12 Nov 2026 at 10:15, Support <support@pebblebank.example>\nwrote:\n\n> Hi Anna,\n> see below",
    "gmail unquoted": "On Thursday, November 12, 2026 at 10:15 AM, S <s@b.example> wrote:\n\nHi Anna,\nsee below",
    "apple": "On 12 Nov 2026, at 10:15, Support <s@b.example> wrote:\n\n> Hi",
    "quote only": "> On 12 Nov 2026, at 10:15, S <s@b.example> wrote:\n>\n> Hi",
    "outlook": "From: S <s@b.example>\nSent: Thursday, November 12, 2026 10:15\nTo: Anna\nSubject: Card\n\nHi",
    "outlook line": "________________________________\nFrom: S <s@b.example>\nSent: x\nTo: A\nSubject: y\n\nHi",
    "outlook bold": "*From:* S <s@b.example>\n*Sent:* Thursday\n*To:* Anna\n*Subject:* Card\n\nHi",
    "outlook app": "Get Outlook for iOS<https://aka.ms/x>\n________________\nFrom: S <s@b.example>\nSent: x\n\nHi",
    "original message": "-----Original Message-----\nFrom: S\nSent: x\nSubject: y\n\nHi",
    "forwarded": "---------- Forwarded message ---------\nFrom: S <s@b.example>\nDate: x\nSubject: y\nTo: z\n\nHi",
    "proton": "------- Original Message -------\nOn Thursday, November 12th, 2026, S <s@b.example> wrote:\n\n> Hi",
    "zoho": "---- On Thu, 12 Nov 2026 10:15:36 +0100 S <s@b.example> wrote ----\n\n Hi",
    "help desk": "##- Please type your reply above this line -##\n\nHi",
    "de gmail": "Am Do., 12. Nov. 2026 um 10:15 Uhr schrieb Support <s@b.example>:\n\n> Hallo",
    "de thunderbird": "Am 12.11.2026 um 10:15 schrieb Support:\n> Hallo",
    "de outlook": "Von: S <s@b.example>\nGesendet: Donnerstag, 12. November 2026\nAn: A\nBetreff: AW: Karte\n\nHallo",
    "de web": "-----Ursprüngliche Nachricht-----\nVon: S\nGesendet: x\nBetreff: y\n\nHallo",
    "de iphone": "Von meinem iPhone gesendet\n\n> Am 12.11.2026 um 10:15 schrieb S <s@b.example>:\n>\n> Hallo",
    "fr gmail": "Le jeu. 12 nov. 2026 à 10:15, Support <s@b.example> a\nécrit :\n\n> Bonjour",
    "fr outlook": "De : S <s@b.example>\nEnvoyé : jeudi 12 novembre 2026\nÀ : M\nObjet : RE: carte\n\nBonjour",
    "fr original": "-----Message d'origine-----\nDe : S\nEnvoyé : jeudi\nObjet : RE\n\nBonjour",
    "es gmail": "El jue, 12 nov 2026 a las 10:15, Support (<s@b.example>)\nescribió:\n\n> Hola",
    "es outlook": "De: S <s@b.example>\nEnviado el: jueves\nPara: Ana\nAsunto: RE: tarjeta\n\nHola",
    "it": "Il giorno gio 12 nov 2026 alle ore 10:15 Support <s@b.example> ha scritto:\n\n> Ciao",
    "it outlook": "Da: S <s@b.example>\nInviato: giovedì\nA: Anna\nOggetto: R: carta\n\nCiao",
    "pt": "Em qui., 12 de nov. de 2026 às 10:15, Support <\ns@b.example> escreveu:\n\n> Olá",
    "nl": "Op do 12 nov 2026 om 10:15 schreef Support <s@b.example>:\n\n> Hallo",
    "nl outlook": "Van: S <s@b.example>\nVerzonden: donderdag\nAan: Anna\nOnderwerp: RE: kaart\n\nHallo",
    "pl": "czw., 12 lis 2026 o 10:15 Support <s@b.example> napisał(a):\n\n> Cześć",
    "pl thunderbird": "W dniu 12.11.2026 o 10:15, Support pisze:\n> Cześć",
    "pl outlook": "Od: S <s@b.example>\nWysłano: czwartek\nDo: Ania\nTemat: RE: karta\n\nCześć",
    "ru": "чт, 12 нояб. 2026 г. в 10:15, Support <s@b.example>:\n\n> Здравствуйте",
    "ru thunderbird": "12.11.2026 10:15, Support пишет:\n> Здравствуйте",
    "uk": "чт, 12 лист. 2026 р. о 10:15 Support <s@b.example> пише:\n\n> Вітаю",
    "sv": "Den tors 12 nov. 2026 kl 10:15 skrev Support <s@b.example>:\n\n> Hej",
    "sv outlook": "Från: S <s@b.example>\nSkickat: den 12 november\nTill: Anna\nÄmne: SV: kort\n\nHej",
    "da": "Den tor. 12. nov. 2026 kl. 10.15 skrev Support <s@b.example>:\n\n> Hej",
    "no outlook": "Fra: S <s@b.example>\nSendt: torsdag\nTil: Anna\nEmne: SV: kort\n\nHei",
    "fi": "to 12. marrask. 2026 klo 10.15 Support (s@b.example) kirjoitti:\n\n> Hei",
    "cs": "čt 12. 11. 2026 v 10:15 odesílatel Support <s@b.example> napsal:\n\n> Ahoj",
    "hu": "Support <s@b.example> ezt írta (időpont: 2026. nov. 12., Cs, 10:15):\n\n> Szia",
    "ro": "joi, 12 nov. 2026 la 10:15, Support <s@b.example> a scris:\n\n> Salut",
    "tr": "Support <s@b.example>, 12 Kas 2026 Per, 10:15 tarihinde şunu yazdı:\n\n> Merhaba",
    "outlook with gaps": "From: S <s@b.example>\n\nSent: Monday\n\nTo: Anna\n\nSubject: Card\n\nHi",
    "headers, date first": "Date: Mon, 2 Nov 2026 10:00\nSubject: Card\nFrom: s@b.example\nTo: a@b.example\n\nHi",
    "groupwise": ">>> Support <s@b.example> 12.11.2026 10:15 >>>\nHello Anna,\nwe did",
    "no original": "-----Opprinnelig melding-----\nFra: S\nSendt: x\nEmne: y\n\nHei",
    "el": "Στις Πέμ, 12 Νοε 2026 στις 10:15, ο χρήστης S <s@b.example> έγραψε:\n\n> Γεια",
    "ja long": "2026年11月12日木曜日、Support <s@b.example> さんは書きました:\n\n> こんにちは",
    "ja": "2026年11月12日(木) 10:15 Support <s@b.example>:\n\n> こんにちは",
    "zh": "在 2026年11月12日，Support <s@b.example> 写道：\n\n> 你好",
    "ko": "2026년 11월 12일 (목) 오전 10:15, Support <s@b.example>님이 작성:\n\n> 안녕하세요",
}


@pytest.mark.parametrize("quote", QUOTES.values(), ids=QUOTES.keys())
def test_quote_is_folded(quote: str) -> None:
    split = split_reply(f"{OWN}\n\n{quote}\n")
    assert split.reply == OWN
    assert split.folded.split() == quote.split()


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nAnna Muster\nTel. 030 1234567",
        "--\nAnna Muster",
        "Sent from my iPhone",
        "Sent from my Samsung Galaxy smartphone.",
        "Von meinem Handy gesendet",
        "Envoyé depuis mon téléphone",
        "Enviado desde mi iPhone",
        "Inviato da iPhone",
        "Verzonden met BlackBerry Work",
        "Wysłane z iPhone'a",
        "Skickat från min iPhone",
        "Отправлено с iPhone",
        "Get Outlook for Android",
        "Lähetetty iPhonesta",
        "Στάλθηκε από το iPhone μου",
        "iPhone'umdan gönderildi",
        "Sent from my iPhone\n\nAnna\n030 1234567",
        "________________________________\nAcme Ltd, 1 High Street, www.acme.example",
        "This e-mail and its attachments are confidential and intended solely for the named recipient. If you are not "
        "that person, please delete it at once and tell the sender about it.",
    ],
)
def test_signature_is_folded(signature: str) -> None:
    split = split_reply(f"My card is gone.\n\n{signature}\n")
    assert split.reply == "My card is gone."
    assert split.folded.split() == signature.split()


@pytest.mark.parametrize(
    "text",
    [
        "Hello,\n\nI wrote to you on 3 May 2026 about this:\n- my card\n- my PIN\n\nThanks",
        "Hallo, am 12.11.2026 um 10:15 habe ich Geld abgehoben. Der Automat schrieb:\nFehler 12.\nWas nun?",
        "On Monday I paid 20.50 at a shop.\nThen the shop wrote: no refund.\nWhat now?",
        "Can I pay from my iPhone?",
        "I use the app with my Samsung phone",
        "Where is it?\n\nSent from my savings account on Monday.",
        "From: Berlin\nTo: Paris\nDate: 12.11.2026\nI travelled. Which fees?",
        "Amount: 20\nDate: 12.11.2026\nTo: John\nReference: abc\n\nWhere is it?",
        "Step 1\n-----\ninstall it\n\nStep 2\n-----\nuse it",
        "- one\n- two\n-- three\n\nBye",
        "It says -------- instead of my name",
        "Please treat this as confidential.",
    ],
)
def test_own_words_that_look_like_marks_stay(text: str) -> None:
    assert split_reply(text).reply == text
    assert split_reply(text).folded == ""


def test_answer_below_the_quote() -> None:
    split = split_reply(
        "On 12 Nov 2026 at 10:15, S <s@b.example> wrote:\n> Which amount?\n> Which date?\n\n20 euros.\n"
    )
    assert split.reply == "20 euros."
    assert "Which amount?" in split.folded


def test_answers_between_quoted_lines_keep_their_questions() -> None:
    inline = "> Which amount?\n\n20 euros\n\n> Which date?\n\n12 Nov"
    assert split_reply(f"On 12 Nov 2026 at 10:15, S <s@b.example> wrote:\n{inline}").reply == inline
    split = split_reply(f"See below.\n\nOn 12 Nov 2026 at 10:15, S <s@b.example> wrote:\n{inline}")
    assert split.reply.split() == f"See below.\n{inline}".split()


def test_forward_without_own_words_keeps_the_forwarded_text() -> None:
    text = "---------- Forwarded message ---------\nFrom: S <s@b.example>\nDate: x\nSubject: y\n\nThe body"
    assert split_reply(text).reply == "The body"


@pytest.mark.parametrize("text", ["> only\n> a quote", "Sent from my iPhone", "-- \nAnna", "", "\n\n  \n"])
def test_never_drops_everything(text: str) -> None:
    assert split_reply(text).reply.split() == text.split()


def test_nothing_is_lost() -> None:
    text = f"{OWN}\n\n{QUOTES['gmail']}\n\n-- \nAnna"
    split = split_reply(text)
    assert sorted(f"{split.reply}\n{split.folded}".split()) == sorted(text.split())


def test_windows_line_ends_and_hard_spaces() -> None:
    assert (
        split_reply("Merci !\r\n\r\nLe\u00a012/11/2026 à 10:15, S a écrit\u00a0:\r\n> Bonjour\r\n").reply == "Merci !"
    )

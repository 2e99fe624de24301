"""Letters of other alphabets that read as Latin ones, after Unicode TR39 (confusables) and our own reading.

`LOOKALIKES` holds letters of scripts that real texts are written in (Cyrillic, Greek, Armenian, Cherokee, ...):
`folding` uses it only in words that pretend to be Latin. `LATIN_VARIANTS` holds letters of the Latin script itself
(small capitals, phonetic and stroked letters): those are always read as their plain letter. Upper case maps to upper
case and lower to lower, so that a folded text keeps its capitals.
"""

from __future__ import annotations

# Each line is a plain letter and the letters that look like it.
_OTHER_SCRIPTS = """
A Α А Ꭺ ᗅ Ꮧ
B Β В Ᏼ ᗷ
C С Ϲ Ꮯ Ⲥ
D Ꭰ ᗞ
E Ε Е Ꭼ
F Ϝ ᖴ
G Ԍ Ꮐ
H Η Н Ꮋ ᕼ Ⲏ
I Ι І Ӏ Ⲓ Ꮖ
J Ј Ꭻ ᒍ Ϳ
K Κ К Ꮶ Ⲕ
L Ꮮ ᒪ
M Μ М Ꮇ Ⲙ Ϻ
N Ν Ⲛ
O Ο О Օ Ⲟ
P Ρ Р Ꮲ ᑭ Ⲣ
Q Ԛ
R Ꭱ Ꮢ ᖇ
S Ѕ Տ Ꮥ Ꮪ
T Τ Т Ꭲ Ⲧ
U Ս ሀ
V Ѵ Ꮩ
W Ԝ Ꮃ Ꮤ
X Χ Х Ⲭ
Y Υ Ү Ⲩ Ꭹ
Z Ζ Ꮓ
a а α ɑ
b Ь ᖯ
c с ϲ ⲥ
d ԁ Ꮷ
e е є ҽ
f ք
g ց
h һ հ Ꮒ
i і ι Ꭵ ӏ
j ј ϳ
k к κ
l Ӏ
m м
n п ո η
o о ο σ օ ⲟ
p р ρ ⲣ
q ԛ զ գ
r г
s ѕ
t т τ
u υ ս
v ѵ ν
w ԝ ա ω
x х χ
y у ү γ
z ᴢ
"""

_LATIN = """
a ᴀ ɑ
b ʙ ƀ ɓ
c ᴄ ƈ ȼ ɕ
d ᴅ đ ð ɗ ɖ
e ᴇ ɇ ǝ ɛ
f ꜰ ƒ
g ɢ ɡ ǥ ɠ
h ʜ ħ ɦ
i ɪ ı ɨ ɩ
j ᴊ ȷ ɉ
k ᴋ ƙ
l ʟ ł ƚ ɫ
m ᴍ ɱ
n ɴ ɲ ŋ
o ᴏ ø ɵ
p ᴘ ƥ
q ꞯ ɋ
r ʀ ɍ ɾ ɼ
s ꜱ ʂ ȿ
t ᴛ ŧ ƭ ʈ
u ᴜ ʉ ʋ
v ᴠ
w ᴡ ɯ
y ʏ ɏ ƴ
z ᴢ ƶ ʐ
B Ƀ
D Đ Ð Ɖ
F Ƒ
G Ǥ
H Ħ
I Ɨ
L Ł
O Ø
T Ŧ
Z Ƶ
"""


def _table(lines: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for line in lines.split("\n"):
        plain, *others = line.split() or [""]
        for other in others:
            pairs.setdefault(other, plain)
    return pairs


LATIN_VARIANTS = _table(_LATIN)
LOOKALIKES = {letter: plain for letter, plain in _table(_OTHER_SCRIPTS).items() if letter not in LATIN_VARIANTS}

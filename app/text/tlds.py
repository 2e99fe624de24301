"""Top-level domains, from the Public Suffix List that the package `publicsuffixlist` carries; read once, offline.

X's list is that of twitter-text 3.1.0. It is kept as its differences from the maintained list, so that a length
counted here is the length counted there.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import publicsuffixlist

# Domains that twitter-text 3.1.0 knows and that have since been given back or never came to life.
_RETIRED = """
abarth active adac afamilycompany aigo alfaromeo an avianca bananarepublic bentley bl blanco bnl boots bq budapest
bugatti cancerresearch cartier caseih cbs ceb chloe chrysler cityeats comcast cookingchannel csc dabur dodge doha
doosan duck dunlop duns eh epost esurance etisalat everbank fiat flsmidth foodnetwork frontdoor fujixerox glade goo
goodhands guardian hgtv honeywell hoteles htc iinet intel iselect iveco iwc jcp jlc juniper kerrylogistics kinder
ladbrokes lancaster lancia lancome liaison linde lipsy lixil loft lupin macys maserati mcd mcdonalds meo metlife mf
mobily montblanc mopar movistar mtpc mutual mutuelle nadex nationwide natura newholland northwesternmutual off
oldnavy onyourside orientexpress pamperedchef panerai passagens piaget pramerica qvc raid redstone rightathome rmit
rocher sapo sca scjohnson scor ses shaw showtime shriram spiegel spreadbetting srt starhub statoil swiftcover
symantec telecity telefonica tiffany tp travelchannel uconnect um vista vistaprint volkswagen vuelos warman
wolterskluwer xfinity xperia zippo اتصالات موبايلي 大众汽车 工行 手表 珠宝 诺基亚
"""

# Domains of the maintained list that twitter-text 3.1.0 does not know: X counts them letter by letter.
_NEWER = """
amazon hotel kids merck music spa web ישראל السعوديه
السعودیة السعودیۃ اليمن ايران سوريا پاكستان アマゾン 亚马逊 澳门 臺灣
"""


@cache
def known_tlds() -> frozenset[str]:
    """Return every top-level domain of the ICANN part of the list, lower case, in Unicode (not in Punycode)."""
    tlds: set[str] = set()
    with Path(publicsuffixlist.PSLFILE).open(encoding="utf-8") as lines:
        for line in lines:
            if "===END ICANN DOMAINS===" in line:
                break
            rule = line.split(maxsplit=1)[0] if not line.isspace() else "//"
            if not rule.startswith("//"):
                tlds.add(rule.lstrip("!").rpartition(".")[2])
    tlds.discard("*")
    return frozenset(tlds)


@cache
def x_tlds() -> frozenset[str]:
    """Return the top-level domains that X links, lower case."""
    return (known_tlds() - frozenset(_NEWER.split())) | frozenset(_RETIRED.split())

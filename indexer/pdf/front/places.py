"""Words that tell an institution or a place from a person's name."""

from __future__ import annotations

import re

_INSTITUTION = re.compile(
    r"@|\b(?:universi|univ\b|institut|instytut|istitut|department|dept\b|dipartiment|departament|départ|school\b|"
    r"college\b|facult|fakult|facolt|laborato|\blabs?\b|centre\b|center\b|centro\b|zentrum|hospital|klinik|clinic\b|"
    r"academy|academia\b|inc\b|ltd\b|llc\b|gmbh|corporation|corp\b|company|research\b|division|ministry|foundation|"
    r"street\b|avenue|\broad\b|technolog|sciences?\b|engineering|polytech|politecnic|politécnic|école|ecole\b|"
    r"hochschule|observator|museum|bureau\b|council|agency|society\b|association|consultant|independent|library|"
    r"escuela|\bescola d|\bscuola|google|microsoft|facebook|amazon|deepmind|openai|nvidia|\bibm\b|intel\b|alibaba|"
    r"huawei|tencent|baidu|samsung|cnrs|inria|inserm|nasa\b|cern\b|campus|box \d|graduate|medicine|medical|"
    r"\bunit\b|biostatisti|methodology|ensimag|physics|mathematics|computer science|informatics|statistics|psychology|"
    r"大学|学院|研究|实验室|科学|大学校)",
    re.IGNORECASE,
)
_ACRONYM = re.compile(
    r"\b(?:ETH|MIT|EPFL|UCLA|CMU|NYU|IBM|NTT|KTH|UCSD|UIUC|KAIST|POSTECH|CSIRO|NIST|NASA|CERN|SRI|IIT|NTU|NUS|HKUST|RIKEN|"
    r"AIST|SAP|TNO|CWI|DFKI|DTU|RWTH|LMU|TUM|TU [A-Z]|UC [A-Z])\b"
)
_CONTACT = re.compile(
    r"@|\b(?:e-?mails?\b|https?:|www\.|orcid|correspond|equal(?:ly)? contribut|contributed equally|tel\b|phone|fax\b)",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:member|fellow|student|professor|lecturer|researcher|director|editor|reviewer|adviser|advisor)s?\b",
    re.IGNORECASE,
)
_COUNTRIES = (
    "argentina|australia|austria|bangladesh|belgium|brazil|brasil|bulgaria|cameroon|canada|chile|china|colombia|"
    "croatia|cuba|cyprus|czech republic|czechia|denmark|ecuador|egypt|estonia|ethiopia|finland|france|germany|"
    "deutschland|ghana|greece|hong kong|hungary|iceland|india|indonesia|iran|iraq|ireland|israel|italy|italia|japan|"
    "jordan|kenya|korea|kuwait|latvia|lebanon|lithuania|luxembourg|malaysia|malta|mexico|méxico|morocco|nepal|"
    "netherlands|new zealand|nigeria|norway|oman|pakistan|peru|perú|philippines|poland|portugal|qatar|romania|russia|"
    "russian federation|saudi arabia|serbia|singapore|slovakia|slovenia|south africa|españa|spain|sri lanka|sudan|"
    "sweden|switzerland|taiwan|tanzania|thailand|the netherlands|tunisia|turkey|türkiye|uganda|ukraine|"
    "united arab emirates|united kingdom|united states|united states of america|uruguay|venezuela|viet ?nam|zimbabwe|"
    "england|scotland|wales|usa|u\\.s\\.a\\.?|uk|u\\.k\\.?|uae|prc|p\\.? ?r\\.? china"
)
_COUNTRY = re.compile(rf"(?:^|[,;(]\s*)(?:{_COUNTRIES})(?:[.)]?\s*$|\s*[;,])", re.IGNORECASE)
_TOWNS = frozenset(
    {"new york", "los angeles", "san francisco", "san diego", "san jose", "palo alto", "mountain view", "menlo park",
     "ann arbor", "new haven", "santa barbara", "santa cruz", "st. louis", "chapel hill", "college park",
     "salt lake city", "las vegas", "new delhi", "tel aviv", "buenos aires", "rio de janeiro", "são paulo", "sao paulo",
     "cape town",
     "kuala lumpur", "mexico city", "hong kong", "new zealand", "saudi arabia", "south africa", "united kingdom",
     "united states", "south korea", "sri lanka", "los alamos", "oak ridge", "east lansing", "west lafayette",
     "new brunswick", "north carolina", "new jersey", "baton rouge", "fort collins", "stony brook", "the hague",
     "costa rica", "puerto rico", "hong kong sar", "abu dhabi", "ho chi minh city", "la jolla", "santa fe"}
)  # fmt: skip
_STATE = re.compile(r",\s*[A-Z]{2}(?:[\s-]+\d[\d-]{3,9})?\s*,?\s*(?:USA?)?\.?$")


def is_institution(text: str) -> bool:
    """True when a line names an institution, a department or a way to reach somebody."""
    return bool(_INSTITUTION.search(text) or _ACRONYM.search(text))


def is_contact(text: str) -> bool:
    """True when a line tells how to reach an author, or how the authors shared the work."""
    return bool(_CONTACT.search(text))


def is_place(text: str) -> bool:
    """True for a town or country that could pass for a name."""
    stripped = text.strip(" .,;()").lower()
    return stripped in _TOWNS or bool(_COUNTRY.search(text)) or bool(_STATE.search(text))


def is_affiliation(text: str) -> bool:
    """True when a line is about an institution, place, role or address rather than a person."""
    return is_institution(text) or is_contact(text) or bool(_ROLE.search(text)) or is_place(text)

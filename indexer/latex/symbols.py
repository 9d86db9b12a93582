"""What single commands of LaTeX print, and which arguments of others are no text."""

from __future__ import annotations

import unicodedata
from functools import cache

ACCENTS = {"'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
           "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328", "r": "\u030a", "d": "\u0323",
           "b": "\u0331", "t": "\u0361", "G": "\u030f", "U": "\u030e"}  # fmt: skip
"""Accent commands and the combining characters that they set."""
_SYMBOLS = {
    "\\\\": " ", "\\ ": " ", "\\,": " ", "\\;": " ", "\\:": " ", "\\>": " ", "\\!": "", "\\/": "", "\\-": "", "\\@": "",
    "\\%": "%", "\\&": "&", "\\$": "$", "\\#": "#", "\\_": "_", "\\{": "{", "\\}": "}", "\\S": "§", "\\P": "¶",
    "\\copyright": "©", "\\pounds": "£", "\\LaTeXe": "LaTeX2e",
    "\\TeX": "TeX", "\\LaTeX": "LaTeX", "\\BibTeX": "BibTeX",
    "\\euro": "€", "\\texteuro": "€", "\\EUR": "€", "\\dag": "†", "\\ddag": "‡", "\\textdagger": "†",
    "\\textdaggerdbl": "‡", "\\degree": "°", "\\textregistered": "®", "\\texttrademark": "™", "\\textcopyright": "©",
    "\\quad": "\t", "\\qquad": "\t", "\\space": " ", "\\enspace": " ", "\\thinspace": " ", "\\nobreakspace": " ",
    "\\hfill": "\t", "\\hfil": "\t", "\\newline": " ", "\\slash": "/", "\\textslash": "/",
    "\\textbackslash": "\\", "\\backslash": "\\", "\\textasciitilde": "~", "\\textasciicircum": "^",
    "\\textunderscore": "_", "\\textbar": "|", "\\textless": "<", "\\textgreater": ">", "\\textquotedbl": '"',
    "\\textquotesingle": "'", "\\textbraceleft": "{",
    "\\textbraceright": "}", "\\textasciigrave": "`", "\\lq": "‘", "\\rq": "’", "\\ldots": "…",
    "\\dots": "…", "\\textellipsis": "…",
    "\\textbullet": "•", "\\textperiodcentered": "·", "\\textendash": "–", "\\textemdash": "—", "\\textpm": "±",
    "\\i": "ı", "\\j": "ȷ", "\\SS": "SS", "\\dh": "ð", "\\DH": "Ð", "\\th": "þ", "\\TH": "Þ", "\\dj": "đ", "\\DJ": "Đ",
    "\\ng": "ŋ", "\\NG": "Ŋ", "\\&c": "&c", "\\today": "", "\\null": "", "\\textvisiblespace": " ", "\\par": " ",
    "\\og": "« ", "\\fg": " »", "\\glqq": "„", "\\grqq": "“", "\\glq": "‚", "\\grq": "‘", "\\flqq": "«", "\\frqq": "»",
    "\\guillemotleft": "«", "\\guillemotright": "»", "\\textquotedblleft": "“", "\\textquotedblright": "”",
    "\\harvardand": "and", "\\harvardyearleft": "(", "\\harvardyearright": ")", "\\BBOP": "(", "\\BBCP": ")",
    "\\BBOQ": "", "\\BBCQ": "", "\\BBA": "&", "\\BBC": ",", "\\BCBL": ",", "\\BCBT": ",", "\\BPBI": ". ", "\\BHBI": "-",
    "\\BIP": "in press", "\\BED": "Ed.", "\\BEDS": "Eds.", "\\BPG": "p.", "\\BPGS": "pp.", "\\BVOL": "Vol.",
    "\\BNUM": "No.", "\\BCHAP": "chap.", "\\BOthers": " et al", "\\BPhD": "PhD thesis",
    "\\BMTh": "Master's thesis", "\\BTR": "Tech. Rep.", "\\BIN": "In", "\\bibrangedash": "–", "\\bibrangessep": ", ",
    "\\bibnamedelima": " ", "\\bibnamedelimb": " ", "\\bibnamedelimc": " ", "\\bibnamedelimd": " ",
    "\\bibnamedelimi": " ", "\\bibinitperiod": ".", "\\bibinitdelim": " ", "\\bibinithyphendelim": ".-",
    "\\eg": "e.g.", "\\ie": "i.e.", "\\etal": "et al.", "\\cprime": "′", "\\bysame": "———",
}  # fmt: skip
_ARGUMENTS = {
    "*": "ProcessOptions",
    "d": """
        abovecaptionskip abovedisplayshortskip abovedisplayskip arraycolsep baselineskip belowcaptionskip
        belowdisplayshortskip belowdisplayskip closeout columnsep emergencystretch evensidemargin
        extrarowheight fboxrule fboxsep floatsep hangindent hfuzz hsize hskip intextsep itemindent itemsep
        kern labelsep labelwidth leftmargin leftskip lineskip lineskiplimit mathsurround oddsidemargin
        parindent parsep parskip partopsep rightskip spaceskip stripsep tabcolsep textfloatsep textheight
        textwidth topmargin topsep vfuzz vsize vskip write
        """,
    "m": """
        @makeother APACinsertmetastar BOthersPeriod shortcites
        accepted acmArticle acmArticleSeq acmBooktitle acmISBN acmMonth acmNumber acmPrice acmSubmissionID
        acmVolume addvspace adjustbox ArticleNo AtBeginDocument AtEndDocument authorrunning authorsaddresses
        bibfield BibitemShut cdashline cline colorbox comment copyrightpermission credit
        DeclareBibliographyCategory DeclareGraphicsExtensions DOIsuffix editor ExecuteOptions facilities
        facility floatstyle fontencoding fontfamily fontseries fontshape foreach geometry glossary
        graphicspath hphantom hyperlink hypersetup hypertarget hyphenation icmltitlerunning IEEEpubid
        IEEEspecialpapernotice index linespread lstset mailto maketag markright mathtoolsset newbool
        newlength newsavebox newtoggle noalign nonumnote pagenumbering pagestyle pdfinfo pgfplotsset phantom
        printAffiliationsAndNotice published received restylefloat revised runningauthor runningtitle
        selectlanguage setcopyright setstretch settopmatter shortauthors shorttitle sisetup slugcomment
        software sort special startPage subclass submitjournal symbol tcbset theorembodyfont theoremstyle
        thispagestyle thispdfpagelabel tikzset tikzstyle titlerunning tocauthor toctitle translator usebox
        usepgfplotslibrary usetikzlibrary vadjust vphantom watermark
        """,
    "n": """
        adjdemerits clubpenalty doublehyphendemerits finalhyphendemerits hangafter hbadness interlinepenalty
        looseness pdfoutput penalty pretolerance tolerance vbadness widowpenalty
        """,
    "o": """
        addlinespace allowdisplaybreaks authornotemark cormark fnmark hdashline linenumbers makeindex
        linebreak nolinebreak nopagebreak pagebreak printbibheading printindex tabularnewline tnotemark
        """,
    "*m": "enlargethispage hspace vspace",
    "dm": "openout",
    "mm": """
        bibcite defcitealias
        addtocontents addtolength algdef algnewcommand algrenewcommand altaffiltext cnotenum colorlet
        crefformat Crefformat creflabelformat cvitem DeclareCaptionFont DeclareCaptionStyle
        DeclareLanguageMapping DeclareUnicodeCharacter fcolorbox floatname fontsize icmlcorrespondingauthor
        icmlsetsymbol lstdefinestyle markboth multicolumn newglossaryentry PassOptionsToPackage
        providecommand runninghead savebox sbox SetKwData SetKwFunction SetKwInOut setlength settoheight
        settowidth urldef
        """,
    "mo": "NeedsTeXFormat ProvidesClass ProvidesFile ProvidesPackage scalebox",
    "om": """
        acmBadgeL acmBadgeR bio tikz todo bstctlcite captionsetup ccsdesc cellcolor cfoot chead color columncolor
        declaretheorem DisableLigatures ExecuteBibliographyOptions fancyfoot fancyhead fancyhf fntext
        foreignlanguage includepdf lfoot lhead loadglsentries lstinputlisting rfoot rhead rotatebox rowcolor
        setlist setminted smash textcolor tnotetext
        """,
    "oo": "framebox makebox",
    "*mm": "DeclareOption resizebox",
    "*om": "includegraphics",
    "mmm": """
        addcontentsline crefname Crefname DeclarePairedDelimiter definecolor newlist rowcolors
        specialcomment specialrule
        """,
    "mom": "newcolumntype",
    "moo": "raisebox",
    "omm": "DeclareFieldFormat DeclareSIUnit newminted pdfbookmark rule",
    "oom": "minipage",
    "opm": "cmidrule",
    "mmmm": "DeclareGraphicsRule",
    "mmmo": "newfloat",
    "ommm": "newacronym",
    "ooom": "parbox",
    "mmmmm": "DeclareMathAlphabet",
    "omomo": "multirow",
    "*mmmmo": "titlespacing",
    "*momommmo": "titleformat",
    "mmmmmmmmm": "newtheoremstyle",
}


@cache
def symbols() -> dict[str, str]:
    """Commands without arguments and the text that each prints."""
    from pylatexenc.latex2text import get_default_latex_context_db

    found: dict[str, str] = {}
    for spec in get_default_latex_context_db().iter_macro_specs():
        text = spec.simplify_repl
        if isinstance(text, str) and len(text) <= 3 and "%" not in text:
            found.setdefault("\\" + spec.macroname, text)
    for letter in ACCENTS:
        found.pop("\\" + letter, None)
    return {**found, **_SYMBOLS}


@cache
def arguments() -> dict[str, str]:
    """Commands and the kinds of their arguments that are no text.

    ``m`` a group, ``o`` brackets, ``p`` parentheses, ``*`` a star, ``d`` a length, ``n`` a number, ``s`` a group whose
    content is text after all. What follows these is text.
    """
    return {f"\\{name}": kinds for kinds, names in _ARGUMENTS.items() for name in names.split()}


def accented(text: str, accent: str) -> str:
    """The text with an accent on its first character."""
    if not text:
        return ""
    base = {"ı": "i", "ȷ": "j"}.get(text[0], text[0])
    if accent == "t":
        return unicodedata.normalize("NFC", base + ACCENTS[accent] + text[1:])
    return unicodedata.normalize("NFC", base + ACCENTS[accent]) + text[1:]


def ligatures(text: str) -> str:
    """Dashes and quotation marks as TeX sets them."""
    if "-" in text:
        text = text.replace("---", "—").replace("--", "–")
    if "`" in text:
        text = text.replace("``", "“").replace("`", "‘")
    if "'" in text:
        text = text.replace("''", "”").replace("'", "’")
    return text

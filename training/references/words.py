"""Names that records are completed with: organisations, publishers, places, meetings, parts of names."""

from __future__ import annotations

ORGANISATIONS = (
    "World Health Organization", "R Core Team", "European Commission", "OECD", "United Nations", "UNESCO",
    "National Institute of Standards and Technology", "Ministry of Health", "Statistics Canada", "NASA",
    "American Psychological Association", "Food and Agriculture Organization", "IPCC", "World Bank", "Google",
    "International Energy Agency", "OpenAI", "Eurostat", "U.S. Census Bureau", "Python Software Foundation",
    "Bundesministerium für Bildung und Forschung", "National Research Council",
    "Intergovernmental Panel on Climate Change",
)  # fmt: skip
BODIES = (
    "ATLAS", "CMS", "LHCb", "ALICE", "Planck", "Virgo", "UK10K", "ENCODE Project", "Open Science", "BigScience",
    "Alzheimer's Disease Neuroimaging", "1000 Genomes Project", "SciPy 1.0", "Euclid", "IceCube",
)  # fmt: skip
BODY_KINDS = ("Collaboration", "Consortium", "collaboration", "Team", "Initiative")
SCRIPTS = (
    ("Иванов", "А. Б."), ("Петрова", "Мария Сергеевна"), ("Кузнецов", "Д. И."), ("Ковальчук", "О."),
    ("Соколов", "В. Н."), ("Ландау", "Л. Д."),
    ("王", "小明"), ("李", "伟"), ("山田", "太郎"), ("佐藤", "花子"), ("김", "철수"),
    ("박", "영희"), ("Παπαδόπουλος", "Γ."), ("张", "丽华"),
)  # fmt: skip
PARTICLES = (
    "van", "von", "de", "van der", "van den", "de la", "di", "del", "da", "dos", "le", "ter", "von der",
)  # fmt: skip
SUFFIXES = (
    "Jr.", "Jr", "III", "II", "Sr.",
)  # fmt: skip
MEETINGS = (
    "NeurIPS", "ICML", "ICLR", "ACL", "EMNLP", "CVPR", "ICCV", "ECCV", "AAAI", "IJCAI", "KDD", "SIGIR", "NAACL",
    "CHI", "NIPS", "Proc. ICML", "Proc. of CHI", "Proceedings of NAACL-HLT", "Proc. IEEE INFOCOM", "SOSP", "OSDI",
    "USENIX Security", "STOC", "FOCS", "SODA", "POPL", "PLDI", "ICRA", "IROS", "RSS", "CoRL", "INTERSPEECH",
    "ICASSP", "COLT", "AISTATS", "UAI", "WWW", "VLDB",
)  # fmt: skip
SERIES = (
    "Lecture Notes in Computer Science", "Springer Series in Statistics", "LNCS", "Lecture Notes in Mathematics",
    "Studies in Logic", "Graduate Texts in Mathematics", "Advances in Applied Mathematics",
    "CEUR Workshop Proceedings", "ASP Conference Series", "AIP Conference Proceedings",
)  # fmt: skip
PUBLISHERS = (
    "Springer", "Springer-Verlag", "Elsevier", "Wiley", "John Wiley & Sons", "Cambridge University Press",
    "MIT Press", "Oxford University Press", "Academic Press", "McGraw-Hill", "CRC Press", "Addison-Wesley",
    "Prentice Hall", "PMLR", "Princeton University Press", "University of Chicago Press", "Sage", "Routledge",
    "Taylor & Francis", "ACM", "IEEE", "Association for Computational Linguistics", "IEEE Computer Society",
    "USENIX Association", "AAAI Press", "Birkhäuser", "World Scientific", "North-Holland",
    "Kluwer Academic Publishers", "Morgan Kaufmann", "O'Reilly Media", "De Gruyter", "Harvard University Press",
    "Palgrave Macmillan", "Penguin Books", "W. W. Norton & Company", "Chapman & Hall/CRC",
    "Curran Associates, Inc.", "Society for Industrial and Applied Mathematics", "SIAM", "Gallimard", "Suhrkamp",
    "Dover", "American Mathematical Society", "Vandenhoeck & Ruprecht", "Presses Universitaires de France", "Наука",
    "OpenReview.net", "Association for Computing Machinery", "Open Book Publishers", "National Academies Press",
    "Blackwell", "ISCA", "Brill",
)  # fmt: skip
PLACES = (
    "Berlin", "New York", "New York, NY", "Cambridge, MA", "Cambridge", "London", "Oxford", "Amsterdam",
    "Heidelberg", "Paris", "Boston", "Berlin, Heidelberg", "Berlin/Heidelberg", "San Francisco", "Chicago",
    "Princeton, NJ", "Tokyo", "Dordrecht", "New York, NY, USA", "Providence, RI", "Philadelphia", "Singapore",
    "Vienna, Austria", "Vancouver, BC, Canada", "Москва", "Long Beach, CA", "Melbourne, Australia",
    "Beijing, China", "Seattle, Washington", "Hoboken, NJ", "Cham", "Madrid", "Frankfurt am Main",
    "Stockholm, Sweden", "München", "Roma", "Stanford, CA", "Geneva", "Washington, DC", "Online",
    "Upper Saddle River, New Jersey", "Reading, Mass.", "Englewood Cliffs, N.J.", "Basel", "Leipzig", "Torino",
)  # fmt: skip
SCHOOLS = (
    "Stanford University", "University of Cambridge", "MIT", "Massachusetts Institute of Technology", "ETH Zürich",
    "University of California, Berkeley", "Technische Universität München", "Université Paris-Sud",
    "University of Toronto", "Carnegie Mellon University", "Department of Computer Science, University of Helsinki",
    "Uppsala University", "CERN", "Los Alamos National Laboratory", "Microsoft Research", "Universidad de Chile",
    "National Bureau of Economic Research", "RAND Corporation", "Kyoto University", "Tel Aviv University",
    "University College London", "INRIA", "NASA Ames",
)  # fmt: skip
SITES = (
    "https://www.example.org", "http://example.com", "https://github.com/doe", "https://www.who.int/news",
    "https://openreview.net", "http://www.census.gov", "https://proceedings.example.press", "www.example.edu",
)  # fmt: skip

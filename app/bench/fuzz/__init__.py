"""Damaged and hostile PDFs, made from good ones with seeds, through the parser: what comes of them."""

"""Spreadsheets and packs that come in: bytes -> sheet -> rows of posts, each with what is wrong in it.

`reading` takes the bytes, `hostile` refuses what no honest spreadsheet holds, `formats` knows what each
scheduler writes. Nothing here knows a database.
"""

"""Files of other programs, and tables of other people: one table of formats, read into a case or into expectations."""

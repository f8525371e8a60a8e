"""Import: rows of CSV or items of JSON become records and sides, through a mapping that is data."""

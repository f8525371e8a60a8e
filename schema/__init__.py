"""What a record is: kinds, fields, picklists, filters, masks; nothing of how they are kept or who may see them."""

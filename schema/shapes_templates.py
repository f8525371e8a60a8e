"""The GraphQL types of templates and of custom fields' values."""

from collections.abc import Iterator

from schema.shape import ArgumentShape, EnumShape, FieldShape, InputField, InputShape, ObjectShape
from schema.shapes_definitions import KEY
from schema.shapes_history import OWN_HISTORY
from schema.source import Builtin, Key, Step
from schema.template import TYPE_WORDS

TEMPLATE_ENUMS = (
    EnumShape("CustomFieldType", "The types of custom fields; a FORMULA is computed.", TYPE_WORDS),
    EnumShape("DefaultAudience", "Who reads a field of a side where nothing else is set.", ("PRIVATE", "PARTICIPANTS")),
)

_FIELD_KEYS = (
    ("key", "String!", "Its name in your schema, in camelCase; you keep it while you keep the field."),
    ("type", "CustomFieldType!", "What it holds. A field that has values keeps its type."),
    ("label", "String!", "What people read, 100 characters at most."),
    ("help", "String", "What it means, 1,000 characters at most."),
    ("section", "String", "Key of the section under which it is shown."),
    ("audience", "DefaultAudience", "Who reads it unless sharing says otherwise: PRIVATE where it is not given."),
    ("required", "Boolean", "Whether a side must have a value."),
    ("default", "JSON", "What a new side begins with."),
    ("low", "Float", "Least value of a number or an amount, inclusive."),
    ("high", "Float", "Greatest value of a number or an amount, inclusive."),
    ("minLength", "Int", "Fewest characters of a text."),
    ("maxLength", "Int", "Most characters of a text."),
    ("pattern", "String", "What a text must look like as a whole: a regular expression."),
    ("editableIn", "[String!]", "In which states of the kind's lifecycle it may be written; in all where not given."),
    (
        "refines",
        "String",
        "Of a PICKLIST: name of the kind's own picklist that it refines, e.g. `stage`. Each option then stands for a "
        "value of that field, which follows when the option is written.",
    ),
    ("formula", "String", "Of a FORMULA: how it is computed from other fields of the same side."),
)

_STANDARD = "Of a field that refines another: the value of that field which it stands for."

TEMPLATE_OBJECTS = (
    ObjectShape(
        "CustomFieldValue",
        "The value of a custom field that you may see.",
        (
            FieldShape("key", "String!", "Key of the field in its company's template.", Key("key")),
            FieldShape("label", "String!", "What people read.", Key("label")),
            FieldShape("type", "CustomFieldType!", "What it holds.", Key("type")),
            FieldShape("value", "JSON!", "The value, as the field's type writes it.", Key("value")),
        ),
    ),
    ObjectShape(
        "Template",
        "What a company adds to the sides of a kind. Yours, and those that others share with your company.",
        (
            FieldShape("id", "ID!", "Random public id.", Builtin("id")),
            FieldShape("company", "Company!", "Whose template it is.", Step("templateCompany")),
            FieldShape("kind", "RecordKind!", "Which kind it is for.", Builtin("kind")),
            FieldShape("key", "String!", "Short name, in camelCase.", Builtin("key")),
            FieldShape("label", "String!", "What people read.", Builtin("label")),
            FieldShape("help", "String", "What it is for.", Builtin("help")),
            FieldShape(
                "version",
                "Int",
                "Counts its changes; the `ifVersion` of a change. Null for another company's.",
                Builtin("version"),
            ),
            FieldShape("sections", "[TemplateSection!]!", "Headings, in order.", Builtin("sections")),
            FieldShape("fields", "[TemplateField!]!", "Its custom fields, in order.", Builtin("fields")),
            FieldShape(
                "sharedWith",
                "[Company!]",
                "Your own template only: the companies whose sides have its fields, too.",
                Step("templateSharedWith"),
            ),
            OWN_HISTORY,
        ),
    ),
    ObjectShape(
        "TemplateSection",
        "A heading.",
        (
            FieldShape("key", "String!", "Key in the template.", Key("key")),
            FieldShape("label", "String!", "What people read.", Key("label")),
        ),
    ),
    ObjectShape(
        "TemplateField",
        "A custom field.",
        (
            FieldShape("id", "ID!", "For ever: a field that is declared again has another.", Key("id")),
            *(FieldShape(name, type_, doc, Key(name)) for name, type_, doc in _FIELD_KEYS),
            FieldShape("options", "[CustomOption!]", "The values of a picklist, in order.", Key("options")),
        ),
    ),
    ObjectShape(
        "CustomOption",
        "A value of a custom picklist.",
        (
            FieldShape("value", "String!", "In UPPER_SNAKE.", Key("value")),
            FieldShape("label", "String!", "What people read.", Key("label")),
            FieldShape("standard", "String", _STANDARD, Key("standard")),
        ),
    ),
)

TEMPLATE_ROOTS = (
    FieldShape(
        "templates",
        "[Template!]!",
        "The templates of your company, and those that others share with it, in the order in which they were made.",
        Step("templates"),
        (ArgumentShape("kind", "RecordKind", "Only of this kind."),),
    ),
)

_TEMPLATE_ID = InputField("templateId", "ID!", "The template.")


def template_inputs() -> Iterator[InputShape]:
    """The inputs of the mutations of templates."""
    yield InputShape(
        "TemplateSectionInput",
        "A heading.",
        (InputField("key", "String!", "In camelCase."), InputField("label", "String!", "What people read.")),
    )
    yield InputShape(
        "CustomOptionInput",
        "A value of a custom picklist.",
        (
            InputField("value", "String!", "In UPPER_SNAKE."),
            InputField("label", "String!", "What people read."),
            InputField("standard", "String", _STANDARD),
        ),
    )
    yield InputShape(
        "TemplateFieldInput",
        "A custom field. Which keys go with it depends on its type.",
        (
            *(InputField(name, type_, doc) for name, type_, doc in _FIELD_KEYS),
            InputField("options", "[CustomOptionInput!]", "The values of a picklist, in order."),
        ),
    )
    yield InputShape(
        "DefineTemplateInput",
        "A template as a whole: fields that are left out of a change are dropped, and hide their values.",
        (
            InputField("templateId", "ID", "The template to change; a new one is made without it."),
            InputField("ifVersion", "Int", "Refuse unless this is its version."),
            InputField("kind", "RecordKind!", "Which kind it is for; it stays."),
            InputField("key", "String!", "Short name, in camelCase, unique among your templates of the kind."),
            InputField("label", "String!", "What people read."),
            InputField("help", "String", "What it is for."),
            InputField("sections", "[TemplateSectionInput!]", "Headings, in order."),
            InputField("fields", "[TemplateFieldInput!]!", "Custom fields, in order."),
            KEY,
        ),
    )
    yield InputShape(
        "ShareTemplateInput",
        "Gives the sides of other companies all of your template's fields, too, with options and formulas; required "
        "ones bind them.",
        (
            _TEMPLATE_ID,
            InputField("companies", "[ID!]!", "All companies that shall have it; none takes it back."),
            KEY,
        ),
    )
    yield InputShape(
        "RetireTemplateInput",
        "Takes a template away with its fields; their values are kept, and seen by nobody.",
        (_TEMPLATE_ID, KEY),
    )


TEMPLATE_MUTATIONS = (
    ("defineTemplate", "Makes a template, or changes one; for your company's admins."),
    ("shareTemplate", "Sets whose sides have your template's fields; for your company's admins."),
    ("retireTemplate", "Takes a template away; for your company's admins."),
)
"""Each with its doc. The payload holds the template."""

"""Puts into a gateway what companies have defined, scenario after scenario, and keeps what is costly to compile."""

from collections import OrderedDict
from typing import Any

from gateway.definitions import TEMPLATE
from policies.decide import Epochs
from tests.leaks.settings import Setting

MOST_KEPT = 250
"""Epochs that are kept: those of all families, and some more."""


class Defined:
    """What is defined in one gateway."""

    def __init__(self, gateway: Any) -> None:
        self._services = gateway.services
        self._policies = gateway.policies
        gateway.pipeline._has_begun = True
        plain, kept = self._policies._epoch, OrderedDict[Any, Any]()

        def epoch(*texts: Any) -> Any:
            """The epoch of these texts: they are compiled once, and keep what was decided."""
            known = (text for text in texts if hasattr(text, "catalog"))
            key = (texts[0], *((each.text, each.catalog.digest, repr(each.access)) for each in known))
            if key not in kept:
                kept[key] = plain(*texts)
            if len(kept) > MOST_KEPT:  # rules that a scenario makes up do not come again
                kept.popitem(last=False)
            kept.move_to_end(key)
            return kept[key]

        self._policies._epoch = epoch

    def put(self, setting: Setting) -> None:
        """This, and nothing else, is defined from now on."""
        models, rules, policies = self._services.models, self._services.rules, self._policies
        models._definitions = {each.id: each for each in setting.definitions if each.sort == TEMPLATE}
        models.templates = setting.in_force
        policies._epochs = Epochs(policies._epochs.shared, {})
        policies._rules.clear()
        rules._definitions.clear()
        rules._compiled.clear()
        rules._defined = {}
        rules._state = ("", None)
        rules.take_all(setting.definitions)

"""Puts into a gateway what companies have defined, scenario after scenario, and keeps what is costly to compile."""

from typing import Any

from gateway.definitions import TEMPLATE
from policies.decide import Epochs
from tests.leaks.settings import Setting


class Defined:
    """What is defined in one gateway."""

    def __init__(self, gateway: Any) -> None:
        self._services = gateway.services
        self._policies = gateway.policies
        gateway.pipeline._has_begun = True
        plain, kept = self._policies._epoch, dict[Any, Any]()
        self._puts = False

        def epoch(*texts: Any) -> Any:
            """The epoch of these texts: those of families are compiled once, and keep what was decided. Rules that a
            scenario makes up do not come again."""
            known = (text for text in texts if hasattr(text, "catalog"))
            key = (texts[0], *((each.text, each.catalog.digest, repr(each.access)) for each in known))
            found = kept.get(key) or plain(*texts)
            if self._puts:
                kept[key] = found
            return found

        self._policies._epoch = epoch

    def put(self, setting: Setting) -> None:
        """This, and nothing else, is defined from now on."""
        self._puts = True
        models, rules, policies = self._services.models, self._services.rules, self._policies
        models._definitions = {each.id: each for each in setting.definitions if each.sort == TEMPLATE}
        models.templates = setting.in_force
        policies._epochs = Epochs(policies._epochs.shared, {})
        policies._rules.clear()
        rules._definitions.clear()
        rules._compiled.clear()
        rules._defined = {}
        rules._associating = {}
        rules._state = ("", None)
        rules.take_all(setting.definitions)
        self._services.current.revision = 0  # the spaces are to be emptied
        self._puts = False

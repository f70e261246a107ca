"""Which browser and which system an officer came with, in plain words, from what it says of itself.

Only a name out of these lists is ever kept: the rest of what a browser says could be anything.
"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# (what stands in its words, code, label): the first that fits; most claim to be Chrome and Safari too.
_BROWSERS = (
    ("MicroMessenger", "wechat", gettext_lazy("微信")),
    ("QQBrowser", "qq", gettext_lazy("QQ浏览器")),
    ("UCBrowser", "uc", gettext_lazy("UC浏览器")),
    ("QihooBrowser", "360", gettext_lazy("360浏览器")),
    ("360SE", "360", gettext_lazy("360浏览器")),
    ("HuaweiBrowser", "huawei", gettext_lazy("华为浏览器")),
    ("MiuiBrowser", "xiaomi", gettext_lazy("小米浏览器")),
    ("Edg", "edge", "Edge"),
    ("OPR/", "opera", "Opera"),
    ("Firefox/", "firefox", "Firefox"),
    ("FxiOS/", "firefox", "Firefox"),
    ("Chrome/", "chrome", "Chrome"),
    ("CriOS/", "chrome", "Chrome"),
    ("Safari/", "safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "harmony", gettext_lazy("鸿蒙")),
    ("iPhone", "iphone", "iPhone"),
    ("iPad", "ipad", "iPad"),
    ("Android", "android", gettext_lazy("安卓")),
    ("Windows", "windows", "Windows"),
    ("Macintosh", "mac", "Mac"),
    ("Linux", "linux", "Linux"),
)


def told_of(agent):
    """Return (code of a browser, code of a system), each "" if it is none that we know."""
    return _first(_BROWSERS, agent), _first(_SYSTEMS, agent)


def words(codes):
    """Return what a browser and its system are called, from their codes."""
    browser, system = (
        {code: label for _words, code, label in known}.get(code)
        for known, code in zip((_BROWSERS, _SYSTEMS), codes or ("", ""), strict=True)
    )
    if browser and system:
        return _("%(browser)s（%(system)s）") % {"browser": browser, "system": system}
    return browser or system or _("认不出的浏览器")


def _first(known, agent):
    return next((code for words, code, _label in known if words in agent), "")

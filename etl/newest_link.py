"""Where a publisher's file lies now: the newest link on a page that lists its releases."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import urljoin

from corridors.problems import SourceRefused
from etl.download import Client, Target, read_body

MONTH = re.compile(r"(?<!\d)20\d\d-(?:0[1-9]|1[0-2])(?!\d)")


def newest(client: Client, target: Target, options: dict) -> Target:
    """The target at the fitting link, on the page at `target.url`, with the newest month; of several, the preferred."""
    page = client.retried(target, lambda: read_body(client, target, target.url))
    links = _Links()
    links.feed(page.decode("utf-8", errors="replace"))
    addresses = [urljoin(target.url, link.strip()) for link in links.found]
    fitting = [address for address in addresses if re.search(options["pattern"], address)]
    if not fitting:
        raise SourceRefused.of(
            target.label,
            f"no link that fits “{options['pattern']}” among {len(addresses)} on {target.url}",
            "a link to the data file",
            "The publisher changed the page. Look for the file there and mend "
            f"options.pattern or url in source.toml. {target.by_hand()}",
        )
    prefer = options.get("prefer")
    url = max(fitting, key=lambda a: (max(MONTH.findall(a), default=""), bool(prefer) and prefer in a))
    return replace(target, url=url)


class _Links(HTMLParser):
    """Collects every address that a page points to."""

    def __init__(self):
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        """Keeps the tag's href."""
        self.found += [value for name, value in attrs if name == "href" and value]

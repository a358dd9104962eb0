# The end of a run that has compared the cells: what it shows, in a few sentences, and the page with everything.

import time

from tagasc.artifacts.conclusion import new_conclusion
from tagasc.artifacts.overview import new_overview

START = time.time()


onsuccess:
    print(new_conclusion(f"{SCORED}/conclusion.md", since=START), end="")
    print(new_overview(f"{SCORED}/overview.html", since=START), end="")

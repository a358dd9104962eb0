# The end of a run that has compared the cells: what it shows, in a few sentences.

import time

from tagasc.artifacts.conclusion import new_conclusion

START = time.time()


onsuccess:
    print(new_conclusion(f"{SCORED}/conclusion.md", since=START), end="")

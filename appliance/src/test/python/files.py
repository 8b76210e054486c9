"""What else happens in a file system: files come, grow, are renamed and go, and nobody syncs them."""

import os
import random


class Files:
    def __init__(self, folder):
        self.folder = folder
        self.random = random.Random(1)
        os.makedirs(folder, exist_ok=True)

    def change_some(self):
        for _ in range(3):
            one = os.path.join(self.folder, f"file-{self.random.randrange(20)}")
            other = os.path.join(self.folder, f"file-{self.random.randrange(20)}")
            match self.random.randrange(4):
                case 0 | 1:
                    with open(one, "ab") as file:
                        file.write(self.random.randbytes(self.random.randrange(30_000)))
                case 2 if os.path.exists(one):
                    os.rename(one, other)
                case 3 if os.path.exists(one):
                    os.remove(one)

/** A text on which models are compared: plain prose, code and numbers, as people ask for them. */
export const SAMPLE_TEXT = `A tide is the regular rise and fall of the sea. It is caused by the pull of the Moon and, to a lesser degree, of
the Sun. Twice a month, at new and full Moon, both pull along the same line, and the water rises higher than on other days. Sailors
learned early to read these rhythms from tables, because a ship that leaves a shallow harbour at the wrong hour may touch the ground.

The following function returns the greatest common divisor of two numbers:

def gcd(a, b):
    while b != 0:
        a, b = b, a % b
    return a

For 48 and 18, the loop runs three times: the pairs are (48, 18), (18, 12) and (12, 6), and the answer is 6. The same method works for
numbers of any size, since the second number of each pair is smaller than that of the pair before.

Bread needs only flour, water, salt and time. Mix five parts of flour with three parts of water, let the dough rest for an hour, fold it
a few times, and leave it in a cool place overnight. In the morning, shape it into a loaf, wait until it has almost doubled, and bake it
in a hot oven for forty minutes. When you knock on the bottom of the loaf and it sounds hollow, it is done.

"Did you find the letter?" she asked. He shook his head and pointed to the open window, through which the wind had scattered the papers
across the garden. They gathered the sheets one by one, and when the last of them had been dried by the fire, the letter lay among them.
`

import { ESCAPES, MOST_LEVELS, MOST_WORD_CHARACTERS, WORDS } from './json-spelling.ts'

interface Level {
  readonly close: '}' | ']'
  /** The expected next token: an entry or the end, the colon after a name, or the value after a colon. */
  expects: 'entry' | 'colon' | 'value'
  isEmpty: boolean
  hasComma: boolean
}

const isWordCharacter = (character: string): boolean => /[-+\w.]/.test(character)

/**
 * Rewrites a value that arrives in pieces, nearly JSON as models write it, as strict JSON without whitespace. Output is
 * never revised: it accepts the same text as `readRelaxedJson`, and writes it like `JSON.stringify`.
 */
export class JsonRewriter {
  hasEnded = false
  hasFailed = false
  private readonly levels: Level[] = []
  private mode: 'between' | 'string' | 'escape' | 'hex' | 'word' | 'slash' | 'line' | 'block' = 'between'
  private quote = ''
  /** The last character of a comment is an asterisk. */
  private isStar = false
  private isName = false
  private word = ''
  private hex = ''
  /** Characters of a string that have not been written yet. */
  private letters = ''
  private out = ''

  /** @returns the part that is certain now, and how much of `text` belonged to the value */
  push(text: string): { readonly json: string; readonly length: number } {
    this.out = ''
    let at = 0
    while (at < text.length && !this.hasEnded && !this.hasFailed) if (this.take(text[at] ?? '')) at += 1
    this.writeLetters(false)
    return { json: this.out, length: at }
  }

  /** @returns false: the character must be processed again, because it ended the preceding token */
  private take(character: string): boolean {
    if (this.mode === 'string') return this.takeLetter(character)
    if (this.mode === 'escape') return this.takeEscaped(character)
    if (this.mode === 'hex') return this.takeHex(character)
    if (this.mode === 'word') return this.takeWord(character)
    if (this.mode !== 'between') return this.takeComment(character)
    return this.takeBetween(character)
  }

  private takeLetter(character: string): boolean {
    if (character === '\\') this.mode = 'escape'
    else if (character === this.quote) this.endString()
    else this.letters += character
    return true
  }

  private takeEscaped(character: string): boolean {
    this.mode = character === 'u' ? 'hex' : 'string'
    this.hex = ''
    if (character !== 'u') this.letters += ESCAPES[character] ?? `\\${character}`
    return true
  }

  private takeHex(character: string): boolean {
    const isHex = /[\da-f]/i.test(character)
    if (isHex) this.hex += character
    if (isHex && this.hex.length < 4) return true
    this.mode = 'string'
    this.letters += isHex ? String.fromCharCode(Number.parseInt(this.hex, 16)) : `\\u${this.hex}`
    return isHex
  }

  private takeWord(character: string): boolean {
    if (isWordCharacter(character) && this.word.length < MOST_WORD_CHARACTERS) {
      this.word += character
      return true
    }
    const number = Number(this.word)
    if (Object.hasOwn(WORDS, this.word)) this.out += JSON.stringify(WORDS[this.word])
    else if (Number.isFinite(number)) this.out += JSON.stringify(number)
    else this.hasFailed = true
    this.mode = 'between'
    if (!this.hasFailed) this.endValue()
    return false
  }

  private takeComment(character: string): boolean {
    if (this.mode === 'slash') {
      this.hasFailed = character !== '/' && character !== '*'
      this.mode = character === '/' ? 'line' : 'block'
      this.isStar = false
      return true
    }
    const isEnd = this.mode === 'line' ? character === '\n' : this.isStar && character === '/'
    this.isStar = character === '*'
    if (isEnd) this.mode = 'between'
    return true
  }

  private takeBetween(character: string): boolean {
    if (/\s/.test(character)) return true
    if (character === '/') {
      this.mode = 'slash'
      return true
    }
    const level = this.levels.at(-1)
    if (level?.expects === 'colon') {
      if (character === ':') level.expects = 'value'
      else this.hasFailed = true
      return true
    }
    if (level?.expects === 'entry') {
      if (character === level.close) {
        this.out += level.close
        this.levels.pop()
        this.endValue()
        return true
      }
      if (character === ',' && !level.hasComma) {
        level.hasComma = true
        return true
      }
      if (level.close === '}') return this.beginString(character, true)
    }
    return this.beginValue(character)
  }

  private beginValue(character: string): boolean {
    if (character === '"' || character === "'") return this.beginString(character, false)
    if (character === '{' || character === '[') {
      this.separate()
      this.out += character
      this.levels.push({ close: character === '{' ? '}' : ']', expects: 'entry', isEmpty: true, hasComma: false })
      this.hasFailed = this.levels.length > MOST_LEVELS
    } else if (isWordCharacter(character)) {
      this.separate()
      this.word = character
      this.mode = 'word'
    } else this.hasFailed = true
    return true
  }

  private beginString(quote: string, isName: boolean): boolean {
    if (quote !== '"' && quote !== "'") {
      this.hasFailed = true
      return true
    }
    this.separate()
    this.quote = quote
    this.isName = isName
    this.mode = 'string'
    this.out += '"'
    return true
  }

  /** Writes the comma before an entry that is not the first of its list or object. */
  private separate(): void {
    const level = this.levels.at(-1)
    if (level?.expects !== 'entry') return
    if (!level.isEmpty) this.out += ','
    level.isEmpty = false
    level.hasComma = false
  }

  private endString(): void {
    this.writeLetters(true)
    this.out += '"'
    this.mode = 'between'
    const level = this.levels.at(-1)
    if (!this.isName) this.endValue()
    else if (level) {
      this.out += ':'
      level.expects = 'colon'
    }
  }

  private endValue(): void {
    const level = this.levels.at(-1)
    if (level) level.expects = 'entry'
    else this.hasEnded = true
  }

  /** The first half of a surrogate pair waits for the second. */
  private writeLetters(isEnd: boolean): void {
    const isHalf = !isEnd && /[\ud800-\udbff]$/.test(this.letters)
    const written = isHalf ? this.letters.slice(0, -1) : this.letters
    this.letters = this.letters.slice(written.length)
    this.out += JSON.stringify(written).slice(1, -1)
  }
}

import { inLanguage } from '../../../ui/language.ts'
import { plural } from '../../../ui/plural.ts'

export const attachmentStrings = inLanguage(
  {
    title: 'Attached files',
    attach: 'Attach files',
    drop: 'Drop files to attach them',
    open: 'Show the text that the model reads',
    body: 'This is the text that the model reads.',
    copy: 'Copy text',
    remove: (name: string) => `Remove ${name}`,
    dismiss: 'Dismiss',
    size: (characters: string) => `${characters} characters`,
    reading: (count: number) => plural(count, { one: 'Reading # file…', other: 'Reading # files…' }),
    pasted: 'Pasted text.txt',
    theModel: 'The model',
    tooLong: (tokens: string, most: string) =>
      `About ${tokens} tokens are attached, but the model’s context holds ${most}. Attach less, or load the model with more context.`,
    refusals: {
      image: (name: string, model: string) => `${name} is an image. ${model} reads only text.`,
      media: (name: string, model: string) => `${name} is sound or video. ${model} reads only text.`,
      binary: (name: string) => `${name} isn’t text. Save it as text, PDF or .docx and attach that.`,
      empty: (name: string) => `${name} is empty.`,
      'too-big': (name: string) => `${name} is too big. A file may have 50 MiB and 2 million characters.`,
      'no-text': (name: string) => `${name} has no text. If its pages are scanned, run text recognition on them first.`,
      damaged: (name: string) => `${name} can’t be read. It may be damaged or protected by a password.`,
      'too-many': (name: string) => `${name} isn’t attached: a question can have 20 files.`,
    },
  },
  {
    title: 'Angehängte Dateien',
    attach: 'Dateien anhängen',
    drop: 'Dateien hier ablegen, um sie anzuhängen',
    open: 'Den Text zeigen, den das Modell liest',
    body: 'Diesen Text liest das Modell.',
    copy: 'Text kopieren',
    remove: (name: string) => `${name} entfernen`,
    dismiss: 'Schließen',
    size: (characters: string) => `${characters} Zeichen`,
    reading: (count: number) => plural(count, { one: '# Datei wird gelesen …', other: '# Dateien werden gelesen …' }),
    pasted: 'Eingefügter Text.txt',
    theModel: 'Das Modell',
    tooLong: (tokens: string, most: string) =>
      `Etwa ${tokens} Token sind angehängt, der Kontext fasst ${most}. Weniger anhängen oder das Modell mit mehr Kontext laden.`,
    refusals: {
      image: (name: string, model: string) => `${name} ist ein Bild. ${model} liest nur Text.`,
      media: (name: string, model: string) => `${name} ist Ton oder Video. ${model} liest nur Text.`,
      binary: (name: string) => `${name} ist kein Text. Als Text, PDF oder .docx sichern und diese Datei anhängen.`,
      empty: (name: string) => `${name} ist leer.`,
      'too-big': (name: string) => `${name} ist zu groß. Eine Datei darf 50 MiB und 2 Millionen Zeichen haben.`,
      'no-text': (name: string) => `${name} enthält keinen Text. Sind die Seiten gescannt, hilft eine Texterkennung.`,
      damaged: (name: string) => `${name} ist nicht lesbar. Die Datei ist vielleicht beschädigt oder durch ein Passwort geschützt.`,
      'too-many': (name: string) => `${name} ist nicht angehängt: Eine Frage kann 20 Dateien haben.`,
    },
  },
)

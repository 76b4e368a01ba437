const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

function isDate(text: string): boolean {
  const [, year, month, day] = (/^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []).map(Number)
  if (year === undefined || month === undefined || day === undefined) return false
  const days = month === 2 && isLeap(year) ? 29 : DAYS[month - 1]
  return days !== undefined && day >= 1 && day <= days
}

/** RFC 3339: with an offset. */
function isTime(text: string): boolean {
  const parts = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:z|([+-])(\d\d):(\d\d))$/i.exec(text)
  if (!parts) return false
  const [hour = 0, minute = 0, second = 0] = parts.slice(1, 4).map(Number)
  const [offsetHour = 0, offsetMinute = 0] = parts.slice(5, 7).map((part) => Number(part ?? 0))
  const sign = parts[4] === '-' ? -1 : 1
  const utcMinute = (((hour * 60 + minute - sign * (offsetHour * 60 + offsetMinute)) % 1440) + 1440) % 1440
  const isLeapSecond = second === 60 && utcMinute === 1439
  return hour < 24 && minute < 60 && (second < 60 || isLeapSecond) && offsetHour < 24 && offsetMinute < 60
}

function isDateTime(text: string): boolean {
  const [date = '', time = '', ...more] = text.split(/t|\s/i)
  return more.length === 0 && isDate(date) && isTime(time)
}

const isIpv4 = (text: string): boolean => /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(text)

function isIpv6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1) ?? ''
  const isMixed = last.includes('.')
  if (isMixed && (!isIpv4(last) || text.endsWith('::'))) return false
  const plain = isMixed ? groups.slice(0, -1) : groups
  const width = plain.length + (isMixed ? 2 : 0)
  return plain.every((group) => /^[\da-f]{1,4}$/i.test(group)) && (halves.length === 2 ? width <= 7 : width === 8)
}

const EMAIL =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i
const URI_CHARACTERS = /^[\w.~:/?#[\]@!$&'()*+,;=%-]*$/
const DURATION = /^P(?!$)(?:(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?|\d+W)$/

const isUri = (text: string): boolean =>
  /^[a-z][a-z\d+.-]*:(?:\/\/[^/?#]+|(?!\/\/)[^?#])/i.test(text) && URI_CHARACTERS.test(text) && !/%(?![\da-f]{2})/i.test(text)
const isHost = (text: string): boolean =>
  text.length <= 253 && text.split('.').every((label) => /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i.test(label))

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  time: isTime,
  'date-time': isDateTime,
  duration: (text) => DURATION.test(text),
  uuid: (text) => /^(?:urn:uuid:)?[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i.test(text),
  email: (text) => text.length <= 320 && EMAIL.test(text),
  hostname: isHost,
  ipv4: isIpv4,
  ipv6: isIpv6,
  uri: isUri,
}

/** Whether texts are checked against this format of JSON Schema. */
export const isKnownFormat = (format: string): boolean => Object.hasOwn(FORMATS, format)

/** Whether a text has a format; every text has an unknown format. */
export const hasFormat = (text: string, format: string): boolean => !isKnownFormat(format) || (FORMATS[format]?.(text) ?? true)

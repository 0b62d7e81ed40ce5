/** The HTML elements that an answer may contain; others are shown as the text they are. */
export const ALLOWED_TAGS: readonly string[] = (
  'p br hr h3 h4 h5 h6 strong b em i del s u mark sub sup small kbd code pre blockquote ul ol li a span div ' +
  'table thead tbody tr th td details summary input abbr ruby rt rp'
).split(' ');

import DOMPurify from 'dompurify';
import { ALLOWED_TAGS } from './allowed';

const MARKDOWN = {
  ALLOWED_TAGS: [...ALLOWED_TAGS],
  ALLOWED_ATTR: (
    'href title class target rel align colspan rowspan start checked disabled type tabindex data-tex open'
  ).split(' '),
  ADD_URI_SAFE_ATTR: 'title class target rel align colspan rowspan start type tabindex data-tex'.split(' '),
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};

/** Only tick boxes that cannot be ticked, only our own classes, only links that leave in a new tab. */
DOMPurify.addHook('afterSanitizeAttributes', (node) => {
  if (node.nodeName === 'INPUT') {
    if (node.getAttribute('type') !== 'checkbox') node.remove();
    else node.setAttribute('disabled', '');
  }
  if (node.nodeName === 'A' && node.hasAttribute('href')) {
    node.setAttribute('target', '_blank');
    node.setAttribute('rel', 'noopener noreferrer nofollow');
  }
});

/** HTML that cannot run code, load anything, or reach outside its block. */
export function sanitise(html: string): string {
  return DOMPurify.sanitize(html, MARKDOWN);
}

/** MathML as Temml writes it, and nothing else. */
export function sanitiseMath(html: string): string {
  return DOMPurify.sanitize(html, { USE_PROFILES: { mathMl: true }, FORBID_ATTR: ['style', 'href'], FORBID_TAGS: ['style'] });
}

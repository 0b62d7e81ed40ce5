import { sanitiseMath } from './sanitise';

type Temml = { renderToString(tex: string, options: object): string };

let engine: Temml | null = null;
let loading: Promise<void> | null = null;

function load(): Promise<void> {
  loading ??= import('temml').then((module) => {
    engine = (module as unknown as { default: Temml }).default;
  });
  return loading;
}

function draw(place: HTMLElement, temml: Temml): void {
  const tex = place.dataset['tex'] ?? '';
  const displayMode = place.classList.contains('display');
  const html = temml.renderToString(tex, { displayMode, throwOnError: false, trust: false, maxExpand: 500 });
  place.innerHTML = sanitiseMath(html.replace(/\sstyle="[^"]*"/g, ''));
  place.removeAttribute('data-tex');
}

/** Turns every unfilled place for mathematics below `root` into MathML; loads the engine on first use. */
export function drawMath(root: HTMLElement): void {
  const places = root.querySelectorAll<HTMLElement>('.math[data-tex]');
  if (places.length === 0) return;
  const all = (): void => {
    if (engine) for (const place of places) draw(place, engine);
  };
  if (engine) all();
  else load().then(all, () => undefined);
}

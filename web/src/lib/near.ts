/** Tells once that an element has come near the screen. */
export function whenNear(run: () => void): (element: HTMLElement) => () => void {
  return (element) => {
    const watcher = new IntersectionObserver(
      (seen) => {
        if (!seen.some((entry) => entry.isIntersecting)) return;
        watcher.disconnect();
        run();
      },
      { rootMargin: '900px 0px' },
    );
    watcher.observe(element);
    return () => watcher.disconnect();
  };
}

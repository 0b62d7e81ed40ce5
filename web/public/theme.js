// Runs before the first paint so that a chosen theme or language does not flash the other one.
try {
  var saved = JSON.parse(localStorage.getItem('zaohua.preferences') || '{}');
  if (saved.theme === 'light' || saved.theme === 'dark') document.documentElement.dataset.theme = saved.theme;
  if (saved.language === 'en') document.documentElement.lang = 'en';
} catch (error) {
  console.warn('preferences could not be read', error);
}

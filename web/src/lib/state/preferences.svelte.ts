import { load, save } from './storage';

export type Language = 'zh' | 'en';
export type Theme = 'light' | 'dark' | 'system';

const firstLanguage: Language = navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';

/** What a reader chose about the page itself, kept in this browser. */
class Preferences {
  theme = $state<Theme>('system');
  language = $state<Language>(firstLanguage);
  sidebar = $state(true);

  constructor() {
    const saved = load('preferences', { theme: 'system', language: firstLanguage, sidebar: true });
    if (saved.theme === 'light' || saved.theme === 'dark') this.theme = saved.theme;
    if (saved.language === 'zh' || saved.language === 'en') this.language = saved.language;
    this.sidebar = saved.sidebar;
  }

  /** Applies the choices to the document and keeps them; call it inside an effect. */
  apply(): void {
    const { theme, language, sidebar } = this;
    const root = document.documentElement;
    root.lang = language === 'zh' ? 'zh-CN' : 'en';
    if (theme === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = theme;
    save('preferences', { theme, language, sidebar });
  }

  toggleTheme(): void {
    const dark = this.theme === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : this.theme === 'dark';
    this.theme = dark ? 'light' : 'dark';
  }
}

export const preferences = new Preferences();

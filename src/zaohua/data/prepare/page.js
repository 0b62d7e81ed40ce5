const root = document.documentElement;
const show = (lang) => { root.lang = lang; };
show(navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en");
document.querySelector("button").addEventListener("click", () => {
  show(root.lang.startsWith("zh") ? "en" : "zh-CN");
});

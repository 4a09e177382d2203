/*
 * Streamlit fetches its icon font, 370 KB, as soon as it starts, whether an icon is ever drawn or not.
 * The browser does that by itself once one is. This runs before Streamlit does.
 */
{
  const load = document.fonts.load.bind(document.fonts)
  document.fonts.load = (font, text) =>
    font.includes("Material Symbols") ? Promise.resolve([]) : load(font, text)
}

/** VitePress's theme, with colours of enough contrast. */
import theme from 'vitepress/theme-without-fonts'
import './style.css'

export default theme

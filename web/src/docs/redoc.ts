/** /redoc: the API's description in Redoc. */
import { init } from "redoc/bundles/redoc.standalone.js";
import "./docs.css";

const fonts = "system-ui, sans-serif";
const element = document.getElementById("docs");
if (element) init("/openapi.json", { hideDownloadButton: true, theme: { typography: { fontFamily: fonts, headings: { fontFamily: fonts } } } }, element);

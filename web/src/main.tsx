/** The beginning. */
import { render } from "preact";
import { App } from "./app/app";
import "./styles/main.css";

render(<App />, document.getElementById("app")!);

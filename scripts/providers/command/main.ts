import { serve } from "../protocol/server";
import { commandProvider } from "./index";

serve(commandProvider);

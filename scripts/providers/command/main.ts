import { serve } from "../protocol/provider";
import { commandProvider } from "./index";

serve(commandProvider);

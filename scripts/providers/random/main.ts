import { serve } from "../protocol/provider";
import { randomProvider } from "./index";

serve(randomProvider);

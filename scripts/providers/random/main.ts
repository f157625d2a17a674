import { serve } from "../protocol/server";
import { randomProvider } from "./index";

serve(randomProvider);

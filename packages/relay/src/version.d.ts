/** The version that `/health` tells; the same as in package.json. */
export declare const version = "0.1.0";

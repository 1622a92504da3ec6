/** The recipes of the paper (Wortsman et al., "Model soups", ICML 2022), each to be read beside it. */
package dev.stockpot.soup;

/**
 * How the coefficients of a learned soup are found (Wortsman et al., ICML 2022, section 2 and appendix I): their
 * softmax, the chain rule, AdamW, the two ways to read the ingredients, and a search by score only.
 *
 * <p>What may enter: another way to find coefficients.
 */
package dev.stockpot.soup.descent;

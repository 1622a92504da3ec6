/** The loops over elements and the memory that they work on; the only package that sees JavaCPP. */
package dev.stockpot.kernel;

/** What is thrown, with the file, the tensor and the numbers in the message. */
package dev.stockpot.error;

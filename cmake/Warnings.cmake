# Warnings are errors. -ffp-contract=off is the one flag that the numbers depend on: no multiplication and addition are
# fused unless the source asks for it.
add_compile_options(-Wall -Wextra -Werror -ffp-contract=off)

# Warnings are errors; and the one flag that the numbers depend on: no fusing of a multiplication and an addition that
# the source does not ask for.
add_compile_options(-Wall -Wextra -Werror -ffp-contract=off)

/* A call on another stack for x86-64 (System V): int hd_call_on_stack(int (*f)(void *arg), void *arg, char *top).
 * %rbp keeps the place on the old stack, so unwinders by frame pointers and by tables walk from one stack to the other.  With a user
 * shadow stack nothing is to be done, as calls and returns are in step. */
    .text
    .globl hd_call_on_stack
    .type hd_call_on_stack, @function
hd_call_on_stack:
    .cfi_startproc
    endbr64
    pushq %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset rbp, -16
    movq %rsp, %rbp
    .cfi_def_cfa_register rbp
    movq %rdx, %rsp
    andq $-16, %rsp
    movq %rdi, %rax
    movq %rsi, %rdi
    call *%rax
    leave
    .cfi_def_cfa rsp, 8
    ret
    .cfi_endproc
    .size hd_call_on_stack, .-hd_call_on_stack
    .section .note.GNU-stack,"",@progbits
